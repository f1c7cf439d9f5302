/**
 * Recurrent networks for the JVM: inference one time step at a time, and training by
 * back-propagation through time, on the lanes of the processor.
 *
 * <p>The incubator module is optional: without it the plain-Java kernels give the same bits,
 * slower. The management modules are asked for the processor's abilities where they are present,
 * flight recordings are written where {@code jdk.jfr} is, and delimited text alone needs FastCSV.
 *
 * <p>Models of ONNX and Keras, and the graphs they are read as, are in a jar of their own: the
 * automatic module {@code org.lanewise.imports}, which is found as a service. It needs protobuf for
 * ONNX and jHDF for Keras. The command line is a third jar, for the class path.
 */
module org.lanewise {
  requires static jdk.incubator.vector;
  requires static java.management;
  requires static jdk.jfr;
  requires static jdk.management;
  requires static de.siegmar.fastcsv;

  exports org.lanewise.cell;
  exports org.lanewise.data;
  exports org.lanewise.format;
  exports org.lanewise.network;
  exports org.lanewise.stream;
  exports org.lanewise.train;
  exports org.lanewise.kernel to
      org.lanewise.bench,
      org.lanewise.imports,
      org.lanewise.properties;

  uses org.lanewise.stream.FormatProvider;
}
