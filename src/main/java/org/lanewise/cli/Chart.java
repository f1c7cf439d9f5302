package org.lanewise.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws pictures. The one class that needs XChart. */
final class Chart {
  /** Colours that colour-blind readers can tell apart (Okabe and Ito 2008). */
  private static final Color[] COLOURS = {
    new Color(0x0072B2),
    new Color(0xD55E00),
    new Color(0x009E73),
    new Color(0xCC79A7),
    new Color(0xE69F00),
    new Color(0x56B4E9)
  };

  private static final float[] DASHES = {6, 4};

  static {
    // Nobody looks at a window; set by the user, it stays as it is.
    if (System.getProperty("java.awt.headless") == null) {
      System.setProperty("java.awt.headless", "true");
    }
  }

  private Chart() {}

  /** Fails as any use does when XChart is not there. */
  static void check() {
    new XYChartBuilder();
  }

  static void write(Picture picture, boolean svg, OutputStream out) throws IOException {
    XYChart chart = chart(picture);
    if (svg) {
      ByteArrayOutputStream drawn = new ByteArrayOutputStream();
      VectorGraphicsEncoder.saveVectorGraphic(chart, drawn, VectorGraphicsFormat.SVG);
      out.write(named(drawn.toString(UTF_8), picture).getBytes(UTF_8));
    } else {
      BitmapEncoder.saveBitmap(chart, out, BitmapFormat.PNG);
    }
  }

  /**
   * Letters are drawn as outlines; a title and a description tell them to search and to readers.
   */
  private static String named(String svg, Picture picture) {
    String names = String.join("; ", picture.lines().stream().map(Picture.Line::name).toList());
    int body = svg.indexOf('>', svg.indexOf("<svg ")) + 1;
    String words =
        "<title>" + escaped(picture.title()) + "</title><desc>" + escaped(names) + "</desc>";
    return svg.substring(0, body) + words + svg.substring(body);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private static XYChart chart(Picture picture) {
    XYChart chart =
        new XYChartBuilder()
            .width(900)
            .height(500)
            .title(picture.title())
            .xAxisTitle(picture.xName())
            .yAxisTitle(picture.yName())
            .build();
    XYStyler style = chart.getStyler();
    style.setChartBackgroundColor(Color.WHITE);
    style.setPlotBorderVisible(false);
    style.setLegendPosition(LegendPosition.OutsideE);
    style.setLegendBorderColor(Color.WHITE);
    style.setXAxisDecimalPattern("#,##0.##");
    style.setYAxisDecimalPattern("#,##0.####");
    for (Picture.Line line : picture.lines()) {
      XYSeries series = chart.addSeries(line.name(), line.x(), line.y());
      series.setLineColor(COLOURS[line.colour() % COLOURS.length]);
      // A line of one point is a marker or nothing.
      series.setMarker(line.x().length == 1 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
      series.setMarkerColor(COLOURS[line.colour() % COLOURS.length]);
      series.setLineStyle(
          new BasicStroke(
              2,
              BasicStroke.CAP_BUTT,
              BasicStroke.JOIN_ROUND,
              10,
              line.dashed() ? DASHES : null,
              0));
    }
    return chart;
  }
}
