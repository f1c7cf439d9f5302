/** Floor 2: one time step of one layer, forward and, as its mirror, backward. */
package org.lanewise.cell;
