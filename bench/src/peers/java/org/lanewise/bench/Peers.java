package org.lanewise.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.lanewise.network.Precision;

/**
 * Ours and theirs, in turn, in one process on one core: prints tables of ratios. The command is
 * {@code bench/peers}; {@code --help} says what it takes.
 */
public final class Peers {
  private static final String HELP =
      """
      usage: bench/peers [--what W,...] [--sizes H,...] [--peers P,...] [--seconds S] [--warm-up S]

        --what     step      one step, input size = hidden size, state carried; with sizes 8 and 16,
                             also with inputs of one value (default)
                   reduced   the same against 8-bit weights
                   sequence  128 steps at once, one sequence and 32 side by side
                   train     a training step of one-hot character models, against DL4J, one thread
                   paced     a step at 1,000 per second, free of coordinated omission; the
                             percentiles
        --sizes    hidden sizes; default 16 to 1024, for sequences 64 to 1024, for paced 128
        --peers    of ort, ort-plain, ours-bf16, ours-int8, ort-int8, djl, dl4j
        --seconds  measured for each contender of a row; default 1, for paced 60
        --warm-up  before that; default 1.5

      The first column is this library; a ratio is the peer's time by ours, above 1 where we are
      faster. A peer whose outputs differ from ours by more than 1e-5 (8-bit weights: 0.05) is an
      error.
      """;

  /** Makes a contender. */
  private interface Maker {
    Contender make(Task task) throws Exception;
  }

  /** What to run with a name; the first is ours, and one more mode of ours is one more line. */
  private static final Map<String, Maker> CONTENDERS = new LinkedHashMap<>();

  static {
    CONTENDERS.put("ours", Ours::new);
    CONTENDERS.put("ort", task -> new OrtPinned(task, new OnnxLstm(task).floats()));
    CONTENDERS.put("ort-plain", task -> new OrtPlain(task, new OnnxLstm(task).floats()));
    CONTENDERS.put("djl", Djl::new);
    CONTENDERS.put("dl4j", Dl4j::new);
    CONTENDERS.put("ours-bf16", task -> new Ours(task, Precision.BFLOAT16));
    CONTENDERS.put("ours-int8", task -> new Ours(task, Precision.INT8));
    CONTENDERS.put("ort-int8", task -> new OrtPinned(task, new OnnxLstm(task).int8()));
  }

  private static final int STEPS = 128;
  private static final int BATCH = 32;
  private static final double TOLERANCE = 1e-5;
  private static final double TOLERANCE_REDUCED = 0.05;
  private static final double TOLERANCE_LOSS = 1e-4;
  private static final double NANO = 1e-9;
  private static final long PEAK = 100_000_000;

  private final Map<String, String> options;
  private boolean failed;

  private Peers(Map<String, String> options) {
    this.options = options;
  }

  /**
   * Prints the tables.
   *
   * @param args options
   * @throws Exception what an engine throws
   */
  public static void main(String[] args) throws Exception {
    Map<String, String> options = new LinkedHashMap<>();
    List<String> known = List.of("--what", "--sizes", "--peers", "--seconds", "--warm-up");
    for (int i = 0; i < args.length; i += 2) {
      if (!known.contains(args[i]) || i + 1 == args.length) {
        System.err.print(HELP);
        System.exit(args[i].equals("--help") ? 0 : 2);
      }
      options.put(args[i], args[i + 1]);
    }
    // Compiles the loops that show the limits.
    Limit.seconds(1, 1);
    Peers peers = new Peers(options);
    try {
      for (String what : options.getOrDefault("--what", "step").split(",", -1)) {
        peers.table(what);
      }
    } catch (IllegalArgumentException e) {
      System.err.println("bench/peers: " + e.getMessage());
      System.exit(2);
    }
    if (peers.failed) {
      System.exit(1);
    }
  }

  private void table(String what) throws Exception {
    switch (what) {
      case "step" -> {
        List<Task> tasks = new ArrayList<>();
        for (int hidden : sizes("8,16,32,64,128,256,512,1024")) {
          if (hidden <= 16) {
            tasks.add(Task.of(1, hidden, 1, 1));
          }
          if (hidden > 8) {
            tasks.add(Task.of(hidden, hidden, 1, 1));
          }
        }
        duels("one step, one stream, state carried, float", tasks, contenders("ort,ort-plain"));
      }
      case "reduced" -> {
        List<Task> tasks = new ArrayList<>();
        for (int hidden : sizes("64,128,256,512,1024")) {
          tasks.add(Task.of(hidden, hidden, 1, 1));
        }
        duels(
            "one step, one stream, state carried, reduced",
            tasks,
            contenders("ours-bf16,ours-int8,ort-int8"));
      }
      case "sequence" -> {
        for (int batch : new int[] {1, BATCH}) {
          List<Task> tasks = new ArrayList<>();
          for (int hidden : sizes("64,128,256,512,1024")) {
            tasks.add(Task.of(hidden, hidden, STEPS, batch));
          }
          duels("sequences of " + STEPS + " steps, batch of " + batch, tasks, contenders("ort"));
        }
      }
      case "train" -> training(List.of(TrainTask.ONE_HOT_1X256, TrainTask.ONE_HOT_2X256));
      case "paced" -> {
        for (int hidden : sizes("128")) {
          paced(Task.of(hidden, hidden, 1, 1));
        }
      }
      default ->
          throw new IllegalArgumentException(
              "--what: found \"" + what + "\", expected step, reduced, sequence, train or paced");
    }
  }

  private List<Integer> sizes(String all) {
    List<Integer> sizes = new ArrayList<>();
    for (String size : options.getOrDefault("--sizes", all).split(",", -1)) {
      sizes.add(Integer.valueOf(size));
    }
    return sizes;
  }

  private Map<String, Maker> contenders(String usual) {
    Map<String, Maker> chosen = new LinkedHashMap<>();
    chosen.put("ours", CONTENDERS.get("ours"));
    for (String name : options.getOrDefault("--peers", usual).split(",", -1)) {
      if (!CONTENDERS.containsKey(name)) {
        throw new IllegalArgumentException(
            "--peers: found \"" + name + "\", expected some of " + CONTENDERS.keySet());
      }
      chosen.put(name, CONTENDERS.get(name));
    }
    return chosen;
  }

  private long nanos(String option, String usual) {
    return (long) (Double.parseDouble(options.getOrDefault(option, usual)) / NANO);
  }

  private void duels(String title, List<Task> tasks, Map<String, Maker> makers) throws Exception {
    boolean sequences = tasks.get(0).timeSteps() > 1;
    String unit = sequences ? "ms" : "µs";
    System.out.printf(Locale.ROOT, "%n%s%n%6s %6s %10s %6s", title, "H", "input", unit, "B/op");
    System.out.printf(Locale.ROOT, " %8s %8s %8s", "GFLOP/s", "GB/s", "of limit");
    for (String name : makers.keySet()) {
      if (!name.equals("ours")) {
        System.out.printf(Locale.ROOT, " | %9s %7s %8s", name, "ratio", "differs");
      }
    }
    System.out.printf(Locale.ROOT, " || %8s %8s%n", "peak", "read");
    for (Task task : tasks) {
      duel(task, makers, sequences ? 1e-6 : 1e-3);
    }
    System.out.printf(
        Locale.ROOT,
        "peak: GFLOP/s of multiply-adds, vectors of %d bits; read: GB/s from an array of the size of"
            + " the weights; of the same rounds%n",
        Roofline.BITS);
  }

  private void duel(Task task, Map<String, Maker> makers, double unit) throws Exception {
    List<Contender> contenders = new ArrayList<>();
    try {
      for (Maker maker : makers.values()) {
        contenders.add(maker.make(task));
      }
      Duel duel = new Duel(task, contenders.toArray(new Contender[0]));
      double[] differences = duel.differences();
      Duel.Result result = duel.run(nanos("--warm-up", "1.5"), nanos("--seconds", "1"));
      double ours = result.nanos()[0];
      double gigabytes = task.weightBytes() / ours;
      String read = task.timeSteps() == 1 ? String.format(Locale.ROOT, "%.1f", gigabytes) : "-";
      System.out.printf(
          Locale.ROOT,
          "%6d %6d %10.4f %6.0f %8.1f %8s %7.0f%%",
          task.hiddenSize(),
          task.inputSize(),
          ours * unit,
          result.bytes()[0],
          task.flops() / ours,
          read,
          100 * task.limit(result.peak(), result.bandwidth()) / ours);
      int i = 0;
      for (String name : makers.keySet()) {
        if (i > 0) {
          System.out.printf(
              Locale.ROOT,
              " | %9.4f %6.2fx %8.1e",
              result.nanos()[i] * unit,
              result.nanos()[i] / ours,
              differences[i]);
          boolean reduced = name.endsWith("int8") || name.endsWith("bf16");
          checkDifference(name, differences[i], reduced ? TOLERANCE_REDUCED : TOLERANCE);
        }
        i++;
      }
      System.out.printf(Locale.ROOT, " || %8.1f %8.1f%n", result.peak(), result.bandwidth());
    } finally {
      for (Contender contender : contenders) {
        contender.close();
      }
    }
  }

  private void checkDifference(String name, double difference, double most) {
    if (!(difference <= most)) {
      System.err.printf(
          Locale.ROOT,
          "%s: outputs differ by %.1e, expected %.1e at most%n",
          name,
          difference,
          most);
      failed = true;
    }
  }

  /** Ours and Deeplearning4j's, one training step each in turn. */
  private void training(List<TrainTask> tasks) {
    System.out.printf(
        Locale.ROOT,
        "%ntraining, one thread%n%-58s %10s %10s %8s %8s %8s%n",
        "",
        "ours ms",
        "dl4j ms",
        "ratio",
        "loss",
        "dl4j's");
    for (TrainTask task : tasks) {
      try (TrainTask.Run ours = task.start(1);
          TrainTask.Run theirs = new Dl4jTraining(task)) {
        double loss = ours.step();
        double theirLoss = theirs.step();
        alternate(ours, theirs, nanos("--warm-up", "15"));
        double[] medians = alternate(ours, theirs, nanos("--seconds", "30"));
        System.out.printf(
            Locale.ROOT,
            "%-58s %10.2f %10.2f %7.2fx %8.4f %8.4f%n",
            task.title(),
            1e-6 * medians[0],
            1e-6 * medians[1],
            medians[1] / medians[0],
            loss,
            theirLoss);
        checkDifference("dl4j: first loss", Math.abs(loss - theirLoss), TOLERANCE_LOSS);
      }
    }
    System.out.printf(Locale.ROOT, "peak %.1f GFLOP/s%n", Roofline.peak(PEAK));
  }

  /** Median nanoseconds of a step of each. */
  private static double[] alternate(TrainTask.Run ours, TrainTask.Run theirs, long duration) {
    List<Long> our = new ArrayList<>();
    List<Long> their = new ArrayList<>();
    long begin = System.nanoTime();
    while (System.nanoTime() - begin < duration) {
      our.add(nanosOfStep(ours));
      their.add(nanosOfStep(theirs));
    }
    our.sort(null);
    their.sort(null);
    return new double[] {our.get(our.size() / 2), their.get(their.size() / 2)};
  }

  private static long nanosOfStep(TrainTask.Run run) {
    long begin = System.nanoTime();
    run.step();
    return System.nanoTime() - begin;
  }

  /**
   * Percentiles of a step that is due at fixed times, ours and theirs in turn for a second each.
   */
  private void paced(Task task) throws Exception {
    Map<String, Maker> makers = contenders("ort");
    long duration = nanos("--seconds", "60");
    System.out.printf(
        Locale.ROOT,
        "%na step of H=%d at 1,000 per second, %.0f s each, from the time it was due; µs%n",
        task.hiddenSize(),
        duration * NANO);
    List<Pace> paces = new ArrayList<>();
    List<Contender> contenders = new ArrayList<>();
    try {
      for (Maker maker : makers.values()) {
        Contender contender = maker.make(task);
        contenders.add(contender);
        contender.reset();
        paces.add(new Pace(contender, task.inputs().length, duration));
      }
      for (Pace pace : paces) {
        pace.warmUp(nanos("--warm-up", "1.5"));
      }
      while (!paces.get(paces.size() - 1).done()) {
        for (Pace pace : paces) {
          pace.second();
        }
      }
      System.out.printf(
          Locale.ROOT,
          "%-12s %9s %9s %9s %9s %9s %9s%n",
          "",
          "p50",
          "p90",
          "p99",
          "p99.9",
          "p99.99",
          "max");
      int i = 0;
      for (String name : makers.keySet()) {
        System.out.printf(Locale.ROOT, "%-12s%s%n", name, paces.get(i++).percentiles());
      }
    } finally {
      for (Contender contender : contenders) {
        contender.close();
      }
    }
    System.out.printf(Locale.ROOT, "peak %.1f GFLOP/s%n", Roofline.peak(PEAK));
  }
}
