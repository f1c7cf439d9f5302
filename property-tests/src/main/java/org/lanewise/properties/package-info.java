/**
 * The textbook network in double precision, and a gradient checker for any network.
 *
 * <p>{@link org.lanewise.properties.ReferenceNetwork} is written to be read: plain loops over
 * {@code double} arrays, one sequence and one time step at a time, straight from the equations. It
 * works on PyTorch's parameter names and shapes and shares with the fast engine, which is tested
 * against it, no arithmetic: only the words of an architecture. {@link
 * org.lanewise.properties.GradientCheck} compares analytic gradients with central differences, for
 * a network of anyone's.
 */
package org.lanewise.properties;
