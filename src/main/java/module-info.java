/**
 * Recurrent networks for the JVM: inference one time step at a time, and training by
 * back-propagation through time, on the lanes of the processor.
 *
 * <p>The incubator module is optional: without it the plain-Java kernels give the same bits,
 * slower. The management modules are asked for the processor's abilities where they are present,
 * flight recordings are written where {@code jdk.jfr} is, delimited text alone needs FastCSV, the
 * files of Keras alone need jHDF, and those of ONNX protobuf. The command line is in a jar of its
 * own, for the class path.
 */
module org.lanewise {
  requires static jdk.incubator.vector;
  requires static java.management;
  requires static jdk.jfr;
  requires static jdk.management;
  requires static com.google.protobuf;
  requires static de.siegmar.fastcsv;
  requires static io.jhdf;

  exports org.lanewise.cell;
  exports org.lanewise.data;
  exports org.lanewise.format;
  exports org.lanewise.graph;
  exports org.lanewise.keras;
  exports org.lanewise.network;
  exports org.lanewise.onnx;
  exports org.lanewise.stream;
  exports org.lanewise.train;
  exports org.lanewise.kernel to
      org.lanewise.bench,
      org.lanewise.properties;
}
