package org.lanewise;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The house: an import goes down, never up. */
class FloorsTest {
  private static final JavaClasses LIBRARY =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.lanewise");

  @ParameterizedTest
  @CsvSource({
    "event,   ''",
    "kernel,  ''",
    "cell,    kernel",
    "network, kernel cell",
    "data,    ''",
    "format,  kernel cell network",
    "stream,  event kernel cell network format data",
    "train,   event kernel cell network format data",
    "graph,   kernel cell network format",
    "keras,   kernel cell network format stream graph",
    "onnx,    kernel cell network format stream graph",
    "cli,     event kernel cell network format data graph keras onnx stream train"
  })
  void knowsOnlyWhatLiesBelow(String floor, String below) {
    String[] allowed =
        Stream.concat(Stream.of(floor), Arrays.stream(below.split(" ")).filter(s -> !s.isEmpty()))
            .map(FloorsTest::packageOf)
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(packageOf(floor))
        .should()
        .dependOnClassesThat(
            resideInAPackage("org.lanewise..").and(not(resideInAnyPackage(allowed))))
        .allowEmptyShould(true)
        .check(LIBRARY);
  }

  @Test
  void everyClassHasAFloor() {
    classes()
        .should()
        .resideInAnyPackage(
            Stream.of(
                    "event", "kernel", "cell", "network", "data", "format", "graph", "keras",
                    "onnx", "stream", "train", "cli")
                .map(FloorsTest::packageOf)
                .toArray(String[]::new))
        .check(LIBRARY);
  }

  @Test
  void onlyKernelsKnowTheLanes() {
    noClasses()
        .that()
        .resideOutsideOfPackage(packageOf("kernel"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jdk.incubator.vector..")
        .check(LIBRARY);
  }

  @Test
  void onlyTheCommandLineKnowsItsLibraries() {
    noClasses()
        .that()
        .resideOutsideOfPackage(packageOf("cli"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "picocli..",
            "me.tongfei..",
            "org.HdrHistogram..",
            "org.jline..",
            "org.knowm..",
            "java.awt..",
            "javax..")
        .check(LIBRARY);
  }

  @Test
  void onlyEventsKnowTheFlightRecorder() {
    // An event's own methods are called; nobody else names a class of jdk.jfr.
    noClasses()
        .that()
        .resideOutsideOfPackage(packageOf("event"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jdk.jfr..")
        .check(LIBRARY);
  }

  @Test
  void onlyTheSystemLoggerLogs() {
    ArchCondition<JavaClass> write =
        new ArchCondition<>("write to the console") {
          @Override
          public void check(JavaClass item, ConditionEvents events) {
            item.getFieldAccessesFromSelf().stream()
                .filter(access -> access.getTargetOwner().isEquivalentTo(System.class))
                .forEach(
                    access ->
                        events.add(SimpleConditionEvent.satisfied(item, access.getDescription())));
          }
        };
    noClasses().that().resideOutsideOfPackage(packageOf("cli")).should(write).check(LIBRARY);
    noClasses()
        .that()
        .resideOutsideOfPackage(packageOf("cli"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.util.logging..", "org.slf4j..", "org.apache..")
        .orShould()
        .callMethod(Throwable.class, "printStackTrace")
        .check(LIBRARY);
  }

  @Test
  void onlyTheFilesOfOnnxKnowTheirLibrary() {
    noClasses()
        .that()
        .resideOutsideOfPackage(packageOf("onnx"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.google.protobuf..")
        .check(LIBRARY);
  }

  @Test
  void onlyTheFilesOfKerasKnowTheirLibrary() {
    noClasses()
        .that()
        .resideOutsideOfPackage(packageOf("keras"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.jhdf..")
        .check(LIBRARY);
  }

  private static String packageOf(String floor) {
    return "org.lanewise." + floor + "..";
  }
}
