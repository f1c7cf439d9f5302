package org.lanewise.properties;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lanewise.cell.CellKind;
import org.lanewise.format.ModelFile;
import org.lanewise.network.Initializer;
import org.lanewise.network.Input;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;

/**
 * A program outside this build, compiled and run against the packaged jar alone: on the class path
 * and as a module, with and without the Vector API, under every collector; the same bits from all.
 * Models of other libraries go through the jar {@code import} beside it.
 */
@Timeout(120)
class ConsumerTest {
  private static final Path SOURCES = Path.of("src/test/consumer").toAbsolutePath();
  private static final String IMPORT_LIBRARIES = "(protobuf|jhdf|slf4j|commons|lz4|compress).*";
  private static final String COMMONS = "--add-modules=org.apache.commons.lang3";
  private static final String VECTORS = "--add-modules=jdk.incubator.vector ";

  @TempDir private static Path folder;

  private static Path jar;
  private static Path model;
  private static String expected;

  @BeforeAll
  static void compile() throws Exception {
    jar = jar();
    assumeTrue(jar != null, "the library has not been packaged");
    model = folder.resolve("model.safetensors");
    Parameters parameters =
        new Parameters(new NetworkSpec(new Input.Features(9), CellKind.LSTM, 21, 2, 5));
    new Initializer.Torch().fill(parameters, 1);
    new ModelFile(parameters, Map.of()).save(model);
    compile("class", "-cp", jar.toString());
    compile("module", "--module-path", jar.toString(), SOURCES + "/module-info.java");
    String jars = path(imports("commons-lang3.*"));
    compile("keras", "--module-path", jars, SOURCES + "/keras/module-info.java");
    expected = output("class vectors", VECTORS + "-XX:+UseSerialGC");
    assertTrue(expected.matches("-?\\d+ 4c575354\\p{XDigit}+"), expected);
  }

  /** The library's own jar among its companions, or null. */
  private static Path jar() throws IOException {
    Path target = Path.of("..", "src", "target").toAbsolutePath().normalize();
    if (!Files.isDirectory(target)) {
      return null;
    }
    try (Stream<Path> files = Files.list(target)) {
      return files
          .filter(file -> file.getFileName().toString().matches("lanewise-[\\d.]+\\.jar"))
          .findFirst()
          .orElse(null);
    }
  }

  private static void compile(String name, String... options) {
    List<String> arguments = new ArrayList<>(List.of("-d", folder.resolve(name).toString()));
    arguments.addAll(List.of("--release", "25", "-Xlint:all,-requires-automatic", "-Werror"));
    arguments.addAll(Arrays.asList(options));
    arguments.add(SOURCES + "/org/example/First.java");
    arguments.add(SOURCES + "/org/example/Consumer.java");
    arguments.add(SOURCES + "/org/example/Foreign.java");
    ByteArrayOutputStream messages = new ByteArrayOutputStream();
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(null, messages, messages, arguments.toArray(String[]::new));
    assertEquals(0, status, () -> messages.toString(StandardCharsets.UTF_8));
  }

  /** What the program prints; {@code how} begins with {@code class} or {@code module}. */
  private static String output(String how, String flags) throws Exception {
    boolean named = how.startsWith("module");
    List<String> run = new ArrayList<>(List.of(flags.trim().split(" +")));
    run.addAll(program(named, "Consumer", List.of(jar)));
    run.add(model.toString());
    run.add(how);
    return java(run);
  }

  /** Options that start a program, which is a module or on the class path, with these jars. */
  private static List<String> program(boolean named, String name, List<Path> jars) {
    return program(named, named ? "module" : "class", name, jars);
  }

  private static List<String> program(boolean named, String classes, String name, List<Path> jars) {
    List<Path> all = new ArrayList<>(List.of(folder.resolve(classes)));
    all.addAll(jars);
    String path = path(all);
    return named
        ? List.of("--module-path", path, "--module", "org.example/org.example." + name)
        : List.of("-cp", path, "org.example." + name);
  }

  private static String path(List<Path> files) {
    return files.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
  }

  private static String java(List<String> arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(arguments);
    Path err = folder.resolve("err");
    Process process = new ProcessBuilder(command).redirectError(err.toFile()).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), () -> command + "\n" + out + read(err));
    return out.strip();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "class plain,    -XX:+UseSerialGC",
    "module vectors, -XX:+UseSerialGC",
    "module plain,   -XX:+UseG1GC",
    "class vectors,  -XX:+UseG1GC",
    "class plain,    -XX:+UseParallelGC",
    "module vectors, -XX:+UseParallelGC",
    "class vectors,  -XX:+UseZGC",
    "module plain,   -XX:+UseZGC",
    "class vectors,  -XX:ActiveProcessorCount=1",
    "module plain,   -XX:ActiveProcessorCount=1",
    "class plain,    --limit-modules=java.base",
    "module plain,   --limit-modules=java.base",
    "module vectors, --limit-modules=java.base",
    "class vectors,  -XX:StartFlightRecording:+org.lanewise.Step#enabled=true -Xlog:jfr*=off",
    "module plain,   -XX:StartFlightRecording:+org.lanewise.Step#enabled=true -Xlog:jfr*=off"
  })
  void sameBitsHoweverItIsRun(String how, String flags) throws Exception {
    String modules = how.endsWith("vectors") ? VECTORS : "";
    String own = how.startsWith("module") ? ",org.lanewise" : "";
    String vectors = how.endsWith("vectors") ? ",jdk.incubator.vector" : "";
    String all = flags.replace("java.base", "java.base" + own + vectors);
    assertEquals(expected, output(how, modules + all));
  }

  /** The options that the README and the documentation name, but for the threshold. */
  @ParameterizedTest
  @ValueSource(strings = {"../README.md", "../src/main/java/org/lanewise/stream/package-info.java"})
  void theOptionForStepsRecordsThem(String document) throws Exception {
    Matcher option =
        Pattern.compile("-XX:StartFlightRecording:[^`\\s]+")
            .matcher(Files.readString(Path.of(document)));
    assertTrue(option.find());
    Path file = Files.createTempDirectory(folder, "recording").resolve("steps.jfr");
    String every = option.group().replaceAll("threshold=\\w+", "threshold=0ns");
    assertTrue(!every.equals(option.group()), every);
    assertEquals(expected, output("class plain", every + ",filename=" + file + " -Xlog:jfr*=off"));
    List<String> names =
        RecordingFile.readAllEvents(file).stream()
            .map(event -> event.getEventType().getName())
            .toList();
    assertTrue(names.contains("org.lanewise.ModelLoad"), names::toString);
    assertTrue(names.contains("org.lanewise.Step"), names::toString);
  }

  /** What {@code Foreign} prints of the model in safetensors, ONNX and both formats of Keras. */
  private static List<String> foreign(boolean named, List<Path> jars, String... flags)
      throws Exception {
    return foreign(Files.createTempDirectory(folder, "foreign"), named, jars, flags);
  }

  private static List<String> foreign(Path out, boolean named, List<Path> jars, String... flags)
      throws Exception {
    List<String> run = new ArrayList<>(List.of(flags));
    run.addAll(program(named, "Foreign", jars));
    run.add(model.toString());
    for (String name : List.of("m.safetensors", "m.onnx", "m.keras", "m.weights.h5")) {
      run.add(out.resolve(name).toString());
    }
    return java(run).replace(out + File.separator, "").lines().toList();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theJarForImportsReadsAndWritesModelsOfOtherLibraries(boolean named) throws Exception {
    // jHDF uses this module, and does not name it.
    String[] flags = named ? new String[] {COMMONS} : new String[0];
    List<String> bits = foreign(named, imports(IMPORT_LIBRARIES), flags);
    assertEquals(4, bits.size());
    assertTrue(bits.get(0).matches("-?\\d+"), bits.get(0));
    assertEquals(Collections.nCopies(4, bits.get(0)), bits);
  }

  /** A module that reads Keras names the module that jHDF does not name, and needs no flag. */
  @Test
  void aModuleThatNamesWhatJhdfUsesNeedsNoFlag() throws Exception {
    Path out = Files.createTempDirectory(folder, "foreign");
    List<String> run =
        new ArrayList<>(program(true, "keras", "Foreign", imports(IMPORT_LIBRARIES)));
    run.add(model.toString());
    for (String name : List.of("m.safetensors", "m.keras", "m.weights.h5")) {
      run.add(out.resolve(name).toString());
    }
    List<String> bits = java(run).lines().toList();
    assertTrue(bits.get(0).matches("-?\\d+"), bits.get(0));
    assertEquals(Collections.nCopies(3, bits.get(0)), bits);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void withoutTheJarForImportsOneLineNamesIt(boolean named) throws Exception {
    String needs = " need the jar of org.lanewise:lanewise with the classifier import";
    List<String> lines = foreign(named, List.of(jar));
    assertTrue(lines.get(0).matches("-?\\d+"), lines.get(0));
    assertEquals(
        List.of(
            "m.onnx: files of ONNX" + needs,
            "m.keras: files of Keras" + needs,
            "m.weights.h5: files of Keras" + needs),
        lines.subList(1, lines.size()));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void withoutTheLibrariesOneLineNamesThem(boolean named) throws Exception {
    List<String> lines = foreign(named, List.of(jar, companion("import")));
    assertEquals(4, lines.size());
    assertTrue(lines.get(1).contains(" com.google.protobuf:protobuf-java "), lines.get(1));
    assertTrue(lines.get(2).contains(" io.jhdf:jhdf "), lines.get(2));
    assertTrue(lines.get(3).contains(" io.jhdf:jhdf "), lines.get(3));
  }

  /** The jars, and those of their libraries whose names match. */
  private static List<Path> imports(String libraries) throws IOException {
    List<Path> jars = new ArrayList<>(List.of(jar, companion("import")));
    try (Stream<Path> files = Files.list(jar.resolveSibling("lib"))) {
      files.filter(file -> file.getFileName().toString().matches(libraries)).forEach(jars::add);
    }
    return jars;
  }

  /** Loading is another path than writing, and links other classes. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void withoutTheLibrariesLoadingNamesThemToo(boolean named) throws Exception {
    Path out = Files.createTempDirectory(folder, "foreign");
    String[] flags = named ? new String[] {COMMONS} : new String[0];
    assertEquals(4, foreign(out, named, imports(IMPORT_LIBRARIES), flags).size());
    List<String> lines = foreign(out, named, imports("none"));
    assertEquals(4, lines.size());
    assertTrue(lines.get(1).contains(" com.google.protobuf:protobuf-java "), lines.get(1));
    assertTrue(lines.get(2).contains(" io.jhdf:jhdf "), lines.get(2));
    assertTrue(lines.get(3).contains(" io.jhdf:jhdf "), lines.get(3));
    // On the module path all the jars are not enough, on the class path all but one are not.
    lines = foreign(out, named, imports(named ? IMPORT_LIBRARIES : "(protobuf|jhdf|slf4j).*"));
    assertEquals(lines.get(0), lines.get(1));
    assertTrue(lines.get(2).contains(" --add-modules org.apache.commons.lang3"), lines.get(2));
    assertTrue(lines.get(3).contains(" --add-modules org.apache.commons.lang3"), lines.get(3));
  }

  @Test
  void theLibraryTakesLessThan400Kilobytes() throws Exception {
    assertTrue(Files.size(jar) < 400_000, "bytes: " + Files.size(jar));
  }

  /** Maven hands an embedder nothing but the jar: whatever it names is optional. */
  @Test
  void theOneDependencyOfTheReadmeHasNoneOfItsOwn() throws Exception {
    String readme = Files.readString(Path.of("..", "README.md"));
    Matcher named =
        Pattern.compile(
                "<groupId>(.*)</groupId>\\s+<artifactId>(.*)</artifactId>\\s+<version>(.*)</version>")
            .matcher(readme);
    assertTrue(named.find());
    assertEquals("org.lanewise", named.group(1));
    assertEquals(named.group(2) + "-" + named.group(3) + ".jar", jar.getFileName().toString());
    String pom = Files.readString(Path.of("..", "src", "pom.xml"));
    String dependencies = pom.substring(0, pom.indexOf("<build>"));
    for (String one : dependencies.split("<dependency>", -1)) {
      assertTrue(
          one.contains("<modelVersion>")
              || one.contains("<optional>true</optional>")
              || one.contains("<scope>test</scope>"),
          one);
    }
  }

  @Test
  void theCommandLineTellsItsVersion() throws Exception {
    List<Path> jars = new ArrayList<>(imports("picocli.*"));
    jars.add(companion("cli"));
    String version = jar.getFileName().toString().replaceAll("lanewise-|[.]jar", "");
    assertEquals(
        "lanewise " + version,
        java(List.of("-cp", path(jars), "org.lanewise.cli.Main", "--version")));
  }

  private static Path companion(String classifier) {
    String name = jar.getFileName().toString().replace(".jar", "-" + classifier + ".jar");
    return jar.resolveSibling(name);
  }

  @Test
  void theFirstOutputTakesTenLinesAndNoFlag() throws Exception {
    List<String> lines =
        Files.readAllLines(SOURCES.resolve("org/example/First.java")).stream()
            .filter(line -> !line.isBlank() && !line.matches("package .*|/\\*\\*.*"))
            .toList();
    assertTrue(lines.size() <= 10, "lines: " + lines.size());
    String path = jar + File.pathSeparator + folder.resolve("class");
    float found = Float.parseFloat(java(List.of("-cp", path, "org.example.First", model + "")));
    assertTrue(Float.isFinite(found), "output: " + found);
  }
}
