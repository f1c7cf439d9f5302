/**
 * Recurrent networks for the JVM: inference one time step at a time, and training by
 * back-propagation through time, on the lanes of the processor.
 *
 * <p>The incubator module is optional: without it the plain-Java kernels give the same bits,
 * slower. The management modules are asked for the processor's abilities where they are present,
 * the command line alone needs picocli and the progress bar, its pictures need XChart, and
 * delimited text alone needs FastCSV, and ONNX alone needs protobuf.
 */
module org.lanewise {
  requires static jdk.incubator.vector;
  requires static java.desktop;
  requires static java.management;
  requires static jdk.management;
  requires static com.google.protobuf;
  requires static de.siegmar.fastcsv;
  requires static info.picocli;
  requires static me.tongfei.progressbar;
  requires static org.knowm.xchart;

  exports org.lanewise.cell;
  exports org.lanewise.data;
  exports org.lanewise.format;
  exports org.lanewise.graph;
  exports org.lanewise.network;
  exports org.lanewise.onnx;
  exports org.lanewise.stream;
  exports org.lanewise.train;
  exports org.lanewise.kernel to
      org.lanewise.bench,
      org.lanewise.properties;
}
