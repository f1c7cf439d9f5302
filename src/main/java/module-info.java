/**
 * Recurrent networks for the JVM: inference one time step at a time, and training by
 * back-propagation through time, on the lanes of the processor.
 *
 * <p>The incubator module is optional: without it the plain-Java kernels give the same bits,
 * slower.
 */
module org.lanewise {
  requires static jdk.incubator.vector;
}
