/**
 * The textbook network in double precision, and a gradient checker for any network.
 *
 * <p>{@link org.lanewise.properties.ReferenceNetwork} is written to be read: plain loops over
 * {@code double} arrays, one sequence and one time step at a time, straight from the equations. It
 * works on PyTorch's parameter names and shapes and shares with the fast engine, which is tested
 * against it, no arithmetic: only the words of an architecture. {@link
 * org.lanewise.properties.GradientCheck} compares analytic gradients with central differences, for
 * a network of anyone's.
 *
 * <p>{@link org.lanewise.properties.NetworkGenerator} draws arbitrary architectures, losses and
 * sequences from a seed, for properties of one's own; a {@link
 * org.lanewise.properties.NetworkSample} feeds the same sequences to the library and to the
 * reference.
 */
package org.lanewise.properties;
