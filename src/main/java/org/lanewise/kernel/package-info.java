/** Floor 1: arithmetic on lanes. Every operation states its exact order of accumulation. */
package org.lanewise.kernel;
