/**
 * Floor 6, above the streams and the graphs: models in the ONNX format, in and out. {@link
 * org.lanewise.onnx.OnnxFile} reads a file as a {@link org.lanewise.graph.Graph}, {@link
 * org.lanewise.onnx.OnnxExport} writes a network as one.
 */
package org.lanewise.onnx;
