/**
 * Floor 3: layers over time, stacked between an input and a linear output; the arena that holds all
 * parameters; shapes and initialisation.
 */
package org.lanewise.network;
