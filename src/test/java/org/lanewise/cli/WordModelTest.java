package org.lanewise.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lanewise.data.Vocabulary;
import org.lanewise.format.ModelFile;
import org.lanewise.stream.Model;
import org.lanewise.stream.Session;

/** Language models of words, from the command line. */
class WordModelTest {
  @TempDir private Path folder;

  private Cli train(Path text, Path out, String... more) {
    return Cli.run(Cli.training(text, out, more));
  }

  private Path text() throws IOException {
    String line = "the cat sat on the mat\nthe dog sat on the cat\n";
    return Files.writeString(folder.resolve("text"), line.repeat(60));
  }

  @Test
  void perplexityIsTheExponentialOfTheLossAndFalls() throws IOException {
    Cli run = train(text(), folder.resolve("m"), "--tokens", "word", "--steps", "60", "--json");
    assertEquals(0, run.status(), run.err());
    Matcher lines =
        Pattern.compile("\"valid_loss\": ([\\d.]+), \"valid_perplexity\": ([\\d.]+),")
            .matcher(run.out());
    double last = Double.POSITIVE_INFINITY;
    int found = 0;
    while (lines.find()) {
      double perplexity = Double.parseDouble(lines.group(2));
      assertEquals(Math.exp(Double.parseDouble(lines.group(1))), perplexity, 1e-3);
      assertTrue(perplexity < last, run.out());
      last = perplexity;
      found++;
    }
    assertEquals(3, found, run.out());
    assertTrue(run.out().contains("\"words_per_second\""), run.out());
  }

  /** As the help of the command shows it, for a text with few words. */
  @Test
  void theClassicRecipeIsOneCommand() throws IOException {
    String recipe =
        "--tokens word --embedding 20 --layers 2 --hidden 20 --batch 5 --window 10 --optimizer sgd"
            + " --rate 20 --clip-norm 0.25 --decay 0.5 --decay-after 4 --epochs 13"
            + " --init uniform:0.1 --json";
    Cli run =
        Cli.run(
            Stream.concat(
                    Stream.of(
                        "train",
                        "text",
                        text().toString(),
                        "--out",
                        folder.resolve("m").toString()),
                    Stream.of(recipe.split(" ", -1)))
                .toList());
    assertEquals(0, run.status(), run.err());
    String last = run.out().lines().reduce((a, b) -> b).orElseThrow();
    assertTrue(last.contains("\"epoch\": 13"), last);
    double nats = meanNats(folder.resolve("m"), 5);
    double loss = Double.parseDouble(last.replaceAll(".*valid_loss\": ([^,]+),.*", "$1"));
    double perplexity =
        Double.parseDouble(last.replaceAll(".*valid_perplexity\": ([^,]+),.*", "$1"));
    assertEquals(nats, loss, 1e-6, last);
    assertEquals(Math.exp(nats), perplexity, 1e-6 * perplexity, last);
    // Of eight tokens, before it has learned anything.
    assertTrue(perplexity < 7, run.out());
  }

  /** Over the last tenth of the text, read token by token in some streams, in doubles. */
  private double meanNats(Path file, int streams) throws IOException {
    ModelFile saved = ModelFile.load(file);
    Vocabulary vocabulary =
        TrainTextCommand.vocabulary(file, saved.parameters().spec(), saved.metadata());
    int[] ids = vocabulary.encode(Files.readString(text()));
    assertEquals(60 * (12 + 2), ids.length, "words, and <eos> after each of two lines");
    int begin = (int) (0.9 * ids.length);
    int length = (ids.length - begin - 1) / streams;
    Model model = Model.load(file);
    float[] logits = new float[model.outputSize()];
    double sum = 0;
    for (int stream = 0; stream < streams; stream++) {
      Session session = model.session();
      for (int at = begin + stream * length; at < begin + (stream + 1) * length; at++) {
        session.step(ids[at], logits);
        double all = 0;
        for (float logit : logits) {
          all += Math.exp(logit);
        }
        sum += Math.log(all) - logits[ids[at + 1]];
      }
    }
    return sum / (streams * length);
  }

  @Test
  void evaluationAndGenerationUseTheWordsOfTheModel() throws IOException {
    Path model = folder.resolve("m");
    Path text = text();
    assertEquals(0, train(text, model, "--tokens", "word", "--steps", "20").status());
    Cli eval = Cli.run("eval", model.toString(), text.toString());
    assertTrue(eval.out().contains(" words"), eval.out() + eval.err());
    Cli written = Cli.run("generate", model.toString(), "--prompt", "the cat", "--length", "5");
    assertTrue(written.out().startsWith("the cat"), written.out() + written.err());
    assertTrue(Cli.run("info", model.toString()).out().contains("8 words"));
  }

  @Test
  void aResumedRunEqualsAnUninterruptedOne() throws IOException {
    Path text = text();
    Path whole = folder.resolve("whole");
    Path halves = folder.resolve("halves");
    train(text, whole, "--tokens", "word", "--embedding", "4", "--steps", "40");
    train(text, halves, "--tokens", "word", "--embedding", "4", "--steps", "20");
    Cli resumed =
        Cli.run(
            "train",
            "text",
            text.toString(),
            "--out",
            halves.toString(),
            "--resume",
            halves + ".checkpoint",
            "--steps",
            "40");
    assertEquals(0, resumed.status(), resumed.err());
    assertEquals(-1, Files.mismatch(whole, halves));
  }

  @Test
  void anUnknownKindOfTokenIsWrongUsage() throws IOException {
    Cli run = train(text(), folder.resolve("m"), "--tokens", "syllable");
    assertEquals(2, run.status());
    assertEquals(
        "lanewise: tokens: found \"syllable\", expected char or word;"
            + " see lanewise train text --help\n",
        run.err());
  }
}
