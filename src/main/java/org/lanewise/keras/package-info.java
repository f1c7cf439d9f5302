/**
 * Floor 4, above the formats and the graphs: models of Keras 3. {@link
 * org.lanewise.keras.KerasFile} reads and writes {@code .keras} archives and {@code .weights.h5}
 * files. The library {@code io.jhdf:jhdf} reads and writes the HDF5 in them, and is needed by
 * nothing else.
 */
package org.lanewise.keras;
