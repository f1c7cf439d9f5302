/**
 * Floor 4, above the formats: imported models that no {@link org.lanewise.network.NetworkSpec}
 * expresses. A {@link org.lanewise.graph.Graph} is a list of operators with named values between
 * them, and the means to run it; shapes are known when it runs.
 */
package org.lanewise.graph;
