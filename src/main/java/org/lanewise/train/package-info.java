/**
 * Floor 5: training by back-propagation through time: losses, clipping, optimizers, schedules,
 * threads and checkpoints. After the first steps a training step allocates nothing.
 */
package org.lanewise.train;
