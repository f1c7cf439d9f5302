package org.lanewise.keras;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.lanewise.format.AtomicFile;
import org.lanewise.format.FormatException;
import org.lanewise.format.LoadOptions;
import org.lanewise.graph.Activations;
import org.lanewise.graph.Graph;
import org.lanewise.network.NetworkSpec;
import org.lanewise.network.Parameters;

/**
 * A trained model of Keras 3, from a {@code .keras} archive or a {@code .weights.h5} file.
 *
 * <p>Read are Sequential models, and Functional ones whose layers are a chain, of InputLayer,
 * Embedding, SimpleRNN, LSTM, GRU, Bidirectional, Dense, Activation, GlobalAveragePooling1D,
 * GlobalMaxPooling1D and Dropout. Whatever else would change the result is refused by its name:
 * other layers, masks, initial and returned states, other types than float32, attributes that are
 * not known. Every weight of the file belongs to a layer, has its shape and is finite, or the file
 * is refused; the state of an optimizer is left out.
 *
 * <p>Files may come from strangers: nothing is executed, nothing is written to the disk, and memory
 * and time are limited by the size of the file.
 *
 * <p>All methods that touch a file need the library {@code io.jhdf:jhdf}, and throw {@link
 * IllegalStateException} when it is not there. On the module path it also needs {@code requires
 * org.apache.commons.lang3} in the program's own module, or {@code --add-modules
 * org.apache.commons.lang3}: a module that it uses and does not name. It logs through SLF4J, which
 * says on standard error when it finds no logger; {@code org.slf4j:slf4j-nop} keeps it quiet.
 *
 * <p>Immutable, and so safe to share between threads.
 *
 * <p>Source: Keras 3.15, {@code keras.saving} and the layers' {@code get_config}.
 */
public final class KerasFile {
  private static final byte[] ARCHIVE_MAGIC = {'P', 'K', 3, 4};
  private static final byte[] HDF5_MAGIC = {(byte) 0x89, 'H', 'D', 'F'};

  private final String file;
  private final Architecture architecture;
  private final Map<String, Weight> weights;

  private KerasFile(String file, Architecture architecture, Map<String, Weight> all)
      throws FormatException {
    this.file = file;
    this.architecture = architecture;
    this.weights = architecture.require(file, all);
  }

  /**
   * Reads a model: an archive, or weights alone as {@link #read(Path, LoadOptions)} does without
   * options.
   *
   * @param path a {@code .keras} or {@code .weights.h5} file, told apart by their first bytes
   * @return the model
   * @throws FormatException if the file is damaged, or holds what is not supported; names it
   * @throws IOException if it cannot be read
   * @throws IllegalStateException if jHDF is not on the class path
   */
  public static KerasFile read(Path path) throws IOException {
    return read(path, LoadOptions.NONE);
  }

  /**
   * Reads a model: an archive, which says everything, or weights alone, whose names and shapes say
   * what they belong to. These do for SimpleRNN, LSTM and GRU layers, and for Bidirectional ones
   * that concatenate, between an optional Embedding and an optional Dense. They do not say
   * activations, which are taken to be the usual ones, and that of the Dense to be linear; nor
   * whether there is a result at every step, which is taken to be so.
   *
   * @param path a {@code .keras} or {@code .weights.h5} file, told apart by their first bytes
   * @param options of weights alone: the kind of cell, which must be told of a SimpleRNN, and the
   *     head; nothing else
   * @return the model
   * @throws FormatException if the file is damaged, or holds what is not supported, or leaves a
   *     doubt, or the options do not fit it; names it
   * @throws IOException if it cannot be read
   * @throws IllegalStateException if jHDF is not on the class path
   */
  public static KerasFile read(Path path, LoadOptions options) throws IOException {
    String file = path.toString();
    byte[] first = new byte[ARCHIVE_MAGIC.length];
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.read(ByteBuffer.wrap(first));
    }
    if (!Arrays.equals(first, ARCHIVE_MAGIC)) {
      Map<String, Weight> all = hdf5(path);
      return new KerasFile(file, Inference.infer(file, all, options), all);
    }
    if (!options.equals(LoadOptions.NONE)) {
      throw new FormatException(
          file, "the file states its architecture; found options that would change it");
    }
    Map<String, byte[]> entries = Archive.read(path);
    Architecture architecture = ConfigReader.read(file, entries.remove(Archive.CONFIG));
    return new KerasFile(file, architecture, hdf5(file, entries.remove(Archive.WEIGHTS)));
  }

  /**
   * Reads weights alone, as the layers of a known network.
   *
   * @param path a {@code .weights.h5} file
   * @param spec the network; one-hot tokens are read as a table
   * @return the model
   * @throws FormatException if the file is damaged or does not hold these weights
   * @throws IOException if it cannot be read
   * @throws IllegalArgumentException if Keras has no layers that give the same as the network
   * @throws IllegalStateException if jHDF is not on the class path
   */
  public static KerasFile readWeights(Path path, NetworkSpec spec) throws IOException {
    return new KerasFile(path.toString(), NetworkMapping.architecture(spec), hdf5(path));
  }

  /**
   * Reads weights alone, as the layers of a configuration.
   *
   * @param path a {@code .weights.h5} file
   * @param config a {@code config.json}: what {@code model.to_json()} gives
   * @return the model
   * @throws FormatException if a file is damaged, the configuration has what is not supported, or
   *     the weights are not those of its layers
   * @throws IOException if one cannot be read
   * @throws IllegalStateException if jHDF is not on the class path
   */
  public static KerasFile readWeights(Path path, Path config) throws IOException {
    Architecture architecture = ConfigReader.read(config.toString(), bytes(config));
    return new KerasFile(path.toString(), architecture, hdf5(path));
  }

  private static Map<String, Weight> hdf5(Path path) throws IOException {
    byte[] bytes = bytes(path);
    if (!Arrays.equals(bytes, 0, Math.min(bytes.length, 4), HDF5_MAGIC, 0, 4)) {
      String other = FormatException.otherFormat(Arrays.copyOf(bytes, Math.min(bytes.length, 16)));
      if (other != null) {
        throw new FormatException(path.toString(), "not a file of Keras but " + other);
      }
    }
    return hdf5(path.toString(), bytes);
  }

  private static Map<String, Weight> hdf5(String file, byte[] bytes) throws FormatException {
    try {
      return Hdf5Reader.read(file, bytes);
    } catch (NoClassDefFoundError e) {
      throw missing(e);
    }
  }

  private static byte[] bytes(Path path) throws IOException {
    long size = Files.size(path);
    if (size > Integer.MAX_VALUE - 8) {
      throw new FormatException(
          path.toString(), "found " + size + " bytes, expected at most 2^31: the longest array");
    }
    return Files.readAllBytes(path);
  }

  private static IllegalStateException missing(NoClassDefFoundError e) {
    return new IllegalStateException(
        "files of Keras need the library io.jhdf:jhdf and its own libraries, on the module path with"
            + " `requires org.apache.commons.lang3` in your own module or --add-modules"
            + " org.apache.commons.lang3; missing: "
            + e.getMessage().replace('/', '.'),
        e);
  }

  /**
   * The model as a network of this library, to stream through a session or to train on, if it is
   * one: layers of one kind, size and direction with the usual activations, {@code reset_after} in
   * a GRU, and at most one Dense behind them. Its parameters have PyTorch's names.
   *
   * <p>A network's output is linear: where the model ends in an activation such as softmax, which
   * {@link #outputActivation} names, the network gives the values before it.
   *
   * @return a new arena at every call; empty when the model is no such network
   */
  public Optional<Parameters> network() {
    try {
      return Optional.of(requireNetwork());
    } catch (FormatException e) {
      return Optional.empty();
    }
  }

  /**
   * The model as {@link #network} gives it.
   *
   * @return a new arena at every call
   * @throws FormatException if the model is no such network; names the layer that does not fit
   */
  public Parameters requireNetwork() throws FormatException {
    NetworkSpec spec = NetworkMapping.network(file, architecture).spec();
    try {
      return NetworkMapping.parameters(spec, architecture, weights);
    } catch (IllegalArgumentException e) {
      throw new FormatException(file, e.getMessage());
    }
  }

  /**
   * What the model applies to the network's linear output.
   *
   * @return Keras's name, such as {@code softmax}; {@code linear} for nothing, and where there is
   *     no {@link #network}
   */
  public String outputActivation() {
    try {
      return NetworkMapping.network(file, architecture).activation();
    } catch (FormatException e) {
      return "linear";
    }
  }

  /**
   * The model as a graph that gives what Keras gives, its last activation with it. Its input is
   * named after the InputLayer, {@code [batch, time, features]} or tokens {@code [batch, time]};
   * its output after the last layer, {@code [batch, time, values]} or {@code [batch, values]}.
   *
   * @return a new graph at every call
   * @throws FormatException if the names of the layers are in each other's way
   */
  public Graph graph() throws FormatException {
    try {
      return GraphBuilder.graph(architecture, weights);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new FormatException(file, e.getMessage());
    }
  }

  /**
   * Writes a network as an archive that {@code keras.saving.load_model} takes: a Sequential model
   * that reads vectors, or tokens through an Embedding; one-hot tokens go through a table that is
   * the unit matrix. It gives what the network gives, up to rounding, and read again it is a
   * network whose results have the same bits. The same network is always the same bytes.
   *
   * @param target where to; a good file is replaced as a whole or not at all
   * @param parameters the network
   * @throws IllegalArgumentException if Keras has no layers for it: a joined input, peepholes, a
   *     projection, a trained state, more than 4096 one-hot tokens
   * @throws IOException if writing fails; the target is then as it was
   * @throws IllegalStateException if jHDF is not on the class path
   */
  public static void write(Path target, Parameters parameters) throws IOException {
    write(target, parameters, Activations.LINEAR);
  }

  /**
   * Writes a network as {@link #write(Path, Parameters)} does, with an activation behind its linear
   * output.
   *
   * @param target where to; a good file is replaced as a whole or not at all
   * @param parameters the network
   * @param activation Keras's name, such as {@code softmax}; {@code linear} for none
   * @throws IllegalArgumentException if Keras has no layers for the network, or there is no such
   *     activation, or no linear output to apply it to
   * @throws IOException if writing fails; the target is then as it was
   * @throws IllegalStateException if jHDF is not on the class path
   */
  public static void write(Path target, Parameters parameters, String activation)
      throws IOException {
    Architecture architecture = NetworkMapping.architecture(parameters.spec(), activation);
    String config = ConfigWriter.write(architecture);
    Path part = Files.createTempFile("lanewise", ".h5");
    try {
      writeWeights(part, parameters);
      byte[] weights = bytes(part);
      AtomicFile.write(target, channel -> Archive.write(channel, config, weights));
    } finally {
      Files.delete(part);
    }
  }

  /**
   * Writes the weights of a network alone, for {@code load_weights} of a Keras model of these
   * layers. The same network is always the same bytes.
   *
   * @param target where to; a good file is replaced as a whole or not at all
   * @param parameters the network
   * @throws IllegalArgumentException if Keras has no layers for it, as in {@link #write}
   * @throws IOException if writing fails; the target is then as it was
   * @throws IllegalStateException if jHDF is not on the class path
   */
  public static void writeWeights(Path target, Parameters parameters) throws IOException {
    Architecture architecture = NetworkMapping.architecture(parameters.spec());
    Map<String, Weight> weights = NetworkMapping.weights(parameters, architecture);
    try {
      AtomicFile.write(target, channel -> Hdf5Writer.write(channel, weights));
    } catch (NoClassDefFoundError e) {
      throw missing(e);
    }
  }
}
