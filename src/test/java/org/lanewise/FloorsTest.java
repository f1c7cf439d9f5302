package org.lanewise;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
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
    "kernel,  ''",
    "cell,    kernel",
    "network, kernel cell",
    "data,    ''",
    "format,  kernel cell network",
    "graph,   kernel cell network format",
    "stream,  kernel cell network format data",
    "onnx,    kernel cell network format graph",
    "train,   kernel cell network format data",
    "cli,     kernel cell network format data graph onnx stream train"
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
                    "kernel", "cell", "network", "data", "format", "graph", "onnx", "stream",
                    "train", "cli")
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
        .resideInAnyPackage("picocli..", "me.tongfei..", "org.jline..", "org.knowm..", "java.awt..")
        .check(LIBRARY);
  }

  private static String packageOf(String floor) {
    return "org.lanewise." + floor + "..";
  }
}
