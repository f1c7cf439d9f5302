/**
 * Floor 4: model files. {@link org.lanewise.format.Safetensors} reads and writes the safetensors
 * format; a file is read whole or not at all, and what breaks a rule of its format is refused with
 * a {@link org.lanewise.format.FormatException} that names the file, the tensor, what was found and
 * what was expected.
 */
package org.lanewise.format;
