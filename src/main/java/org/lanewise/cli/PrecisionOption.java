package org.lanewise.cli;

import org.lanewise.network.Precision;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How many bits the weights of a loaded model keep. */
final class PrecisionOption {
  @Option(
      names = "--precision",
      paramLabel = "NAME",
      defaultValue = "float32",
      converter = Converter.class,
      description =
          "Round the weights of the recurrent layers to float32, bfloat16 or int8 (default:"
              + " ${DEFAULT-VALUE}).")
  private Precision precision;

  Precision precision() {
    return precision;
  }

  /** From the name. */
  static final class Converter implements ITypeConverter<Precision> {
    @Override
    public Precision convert(String text) {
      try {
        return Precision.parse(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
