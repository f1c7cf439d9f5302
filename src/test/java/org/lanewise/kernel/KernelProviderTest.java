package org.lanewise.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which kernels a virtual machine gets, and what it is told about them. */
class KernelProviderTest {
  private static final String MODULE = "--add-modules=jdk.incubator.vector";

  /** Prints the kernels twice, so that a second log line would show. */
  public static void main(String[] args) {
    System.out.println(KernelProvider.kernels().getClass().getSimpleName());
    System.out.println(KernelProvider.kernels().getClass().getSimpleName());
  }

  @Test
  void vectorsAreTakenWithoutAWordWhereTheyAreFast() throws Exception {
    Run run = run(MODULE);
    assertEquals(List.of("VectorKernels", "VectorKernels"), run.out);
    assertEquals(0, run.warnings("Plain-Java kernels"));
  }

  @Test
  void withoutTheModulePlainKernelsRunAndOneLineSaysWhatToDo() throws Exception {
    Run run = run();
    assertEquals(List.of("PlainKernels", "PlainKernels"), run.out);
    assertEquals(1, run.warnings("Plain-Java kernels"));
    assertEquals(1, run.warnings("--add-modules jdk.incubator.vector"));
  }

  @Test
  void withoutC2PlainKernelsRun() throws Exception {
    Run run = run(MODULE, "-XX:TieredStopAtLevel=1");
    assertEquals(List.of("PlainKernels", "PlainKernels"), run.out);
    assertEquals(1, run.warnings("C2 compiler is off"));
  }

  @Test
  void withoutFusedMultiplyAddPlainKernelsRun() throws Exception {
    Run run = run(MODULE, "-XX:-UseFMA");
    assertEquals(List.of("PlainKernels", "PlainKernels"), run.out);
    assertEquals(1, run.warnings("no fused multiply-add"));
  }

  @Test
  void theChoiceCanBeForced() throws Exception {
    assertEquals("PlainKernels", run(MODULE, "-Dlanewise.kernels=scalar").out.get(0));
    assertEquals(
        "VectorKernels", run(MODULE, "-XX:-UseFMA", "-Dlanewise.kernels=vector").out.get(0));
  }

  @Test
  void anUnknownChoiceIsAnError() throws Exception {
    Run run = run("-Dlanewise.kernels=fast");
    assertTrue(run.out.isEmpty());
    assertEquals(1, run.warnings("found \"fast\", expected vector or scalar"));
  }

  private record Run(List<String> out, List<String> err) {
    long warnings(String text) {
      return err.stream().filter(line -> line.contains(text)).count();
    }
  }

  private static Run run(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    command.addAll(List.of("-cp", path, KernelProviderTest.class.getName()));
    Path err = java.nio.file.Files.createTempFile("lanewise", "err");
    try {
      Process process = new ProcessBuilder(command).redirectError(err.toFile()).start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      return new Run(out.lines().toList(), java.nio.file.Files.readAllLines(err));
    } finally {
      java.nio.file.Files.delete(err);
    }
  }
}
