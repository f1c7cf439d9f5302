package org.lanewise.kernel;

/**
 * Every arithmetic operation of the engine, with its exact order of accumulation. There are two
 * implementations, one on the Vector API and one in plain Java, and they give the same bits.
 *
 * <h2>The law</h2>
 *
 * <ul>
 *   <li>An element of a product is one chain of fused multiply-adds in ascending order of the
 *       summed index. Tiling, lanes and threads choose which elements are computed when, never the
 *       order within one.
 *   <li>A chain may be cut: stored as float and continued later, it gives the same bits.
 *   <li>A reduction across elements uses 16 strided partial results, element {@code i} going to
 *       partial {@code i mod 16}, combined as {@code p[j] ∘ p[j+8]}, then {@code j+4}, {@code j+2},
 *       {@code j+1}.
 * </ul>
 *
 * <p>Matrices of activations are row-major: element {@code (r, c)} of {@code z} is {@code z[zOffset
 * + r * zStride + c]}, with room for columns padded to a multiple of {@link Packed#BLOCK}. Weights
 * and their gradients are {@link Packed}. Ranges of panels are half open, so that threads can share
 * a product by its output columns. Output comes last; inputs and outputs do not overlap unless a
 * method says so. No method allocates.
 *
 * <p>Implementations have no state and may be used by any number of threads.
 */
public interface Kernels {

  /**
   * {@code z[r][n] = bias[n] + Σ_k a[r][k] w[k][n]}, k ascending from 0 to depth - 1.
   *
   * @param rows rows of a and z
   * @param w weights; all {@code w.depth()} input rows from 0 to {@code depth - 1} are used
   * @param depth inputs summed, at most {@code w.depth()}
   * @param panelBegin first panel of w computed
   * @param panelEnd one past the last panel computed
   * @param a inputs {@code [rows][depth]}
   * @param aOffset start of a
   * @param aStride row stride of a
   * @param z outputs {@code [rows][columns]}
   * @param zOffset start of column 0 of z
   * @param zStride row stride of z
   */
  void affine(
      int rows,
      Packed w,
      int depth,
      int panelBegin,
      int panelEnd,
      float[] a,
      int aOffset,
      int aStride,
      float[] z,
      int zOffset,
      int zStride);

  /**
   * {@code z[r][n] += Σ_k a[r][k] w[firstInput + k][n]}: continues the chains in z, k ascending
   * from 0 to depth - 1.
   *
   * @param rows rows of a and z
   * @param w weights
   * @param firstInput input row of w that meets {@code a[r][0]}
   * @param depth inputs summed
   * @param panelBegin first panel of w computed
   * @param panelEnd one past the last panel computed
   * @param a inputs {@code [rows][depth]}
   * @param aOffset start of a
   * @param aStride row stride of a
   * @param z chains to continue {@code [rows][columns]}
   * @param zOffset start of column 0 of z
   * @param zStride row stride of z
   */
  void product(
      int rows,
      Packed w,
      int firstInput,
      int depth,
      int panelBegin,
      int panelEnd,
      float[] a,
      int aOffset,
      int aStride,
      float[] z,
      int zOffset,
      int zStride);

  /**
   * Rounds packed weights, and lays a copy of them out as {@link #step} of these kernels reads it.
   *
   * @param packed weights, which are rounded and no longer written afterwards
   * @param format bits to keep
   * @return the copy
   * @throws IllegalArgumentException if fewer than all bits and a weight is NaN or infinite
   */
  StepWeights stepWeights(Packed packed, StepWeights.Format format);

  /**
   * The product of one step of one stream: {@link #affine} with the inputs, then {@link #product}
   * with the hidden units, for one row and in one pass over the weights.
   *
   * <pre>
   * z[n] = (fromBias ? bias[n] : z[n]) + Σ_k x[k] w[firstInput + k][n] + Σ_k h[k] w[firstInput + inputs + k][n]
   * </pre>
   *
   * @param w weights, made by {@link #stepWeights} of these kernels
   * @param fromBias whether the chains start at the bias; else they continue those in z
   * @param panelBegin first panel of w computed
   * @param panelEnd one past the last panel computed
   * @param firstInput input row of w that meets {@code x[0]}
   * @param inputs inputs summed first
   * @param x inputs {@code [inputs]}
   * @param xOffset start of x
   * @param hidden hidden units summed after them
   * @param h hidden units {@code [hidden]}
   * @param hOffset start of h
   * @param z outputs {@code [columns]}
   * @param zOffset start of column 0 of z
   */
  void step(
      StepWeights w,
      boolean fromBias,
      int panelBegin,
      int panelEnd,
      int firstInput,
      int inputs,
      float[] x,
      int xOffset,
      int hidden,
      float[] h,
      int hOffset,
      float[] z,
      int zOffset);

  /**
   * {@code z[r][n] = bias[n] + w[index[r]][n]}: what {@link #affine} gives for a one-hot input,
   * without the multiplications by zero and one.
   *
   * @param rows rows of z
   * @param w weights
   * @param panelBegin first panel of w computed
   * @param panelEnd one past the last panel computed
   * @param index input row of w for each row of z
   * @param indexOffset start in index
   * @param z outputs {@code [rows][columns]}
   * @param zOffset start of column 0 of z
   * @param zStride row stride of z
   */
  void lookup(
      int rows,
      Packed w,
      int panelBegin,
      int panelEnd,
      int[] index,
      int indexOffset,
      float[] z,
      int zOffset,
      int zStride);

  /**
   * {@code g[firstInput + k][n] += Σ_r a[r][k] dz[r][n]}, r ascending: the outer products of all
   * rows, which is the gradient of a product's weights.
   *
   * @param rows rows of a and dz
   * @param firstInput input row of g that belongs to {@code a[r][0]}
   * @param depth inputs of a
   * @param panelBegin first panel of g computed
   * @param panelEnd one past the last panel computed
   * @param a inputs of the product {@code [rows][depth]}
   * @param aOffset start of a
   * @param aStride row stride of a
   * @param dz error terms {@code [rows][columns]}
   * @param dzOffset start of column 0 of dz
   * @param dzStride row stride of dz
   * @param g gradient, continued
   */
  void accumulateOuter(
      int rows,
      int firstInput,
      int depth,
      int panelBegin,
      int panelEnd,
      float[] a,
      int aOffset,
      int aStride,
      float[] dz,
      int dzOffset,
      int dzStride,
      Packed g);

  /**
   * {@code g[index[r]][n] += dz[r][n]}, r ascending: {@link #accumulateOuter} for one-hot inputs.
   *
   * @param rows rows of dz
   * @param panelBegin first panel of g computed
   * @param panelEnd one past the last panel computed
   * @param index input row of g for each row of dz
   * @param indexOffset start in index
   * @param dz error terms {@code [rows][columns]}
   * @param dzOffset start of column 0 of dz
   * @param dzStride row stride of dz
   * @param g gradient, continued
   */
  void accumulateLookup(
      int rows,
      int panelBegin,
      int panelEnd,
      int[] index,
      int indexOffset,
      float[] dz,
      int dzOffset,
      int dzStride,
      Packed g);

  /**
   * {@code g.bias[n] += Σ_r dz[r][n]}, r ascending.
   *
   * @param rows rows of dz
   * @param panelBegin first panel of g computed
   * @param panelEnd one past the last panel computed
   * @param dz error terms {@code [rows][columns]}
   * @param dzOffset start of column 0 of dz
   * @param dzStride row stride of dz
   * @param g gradient, continued
   */
  void accumulateBias(
      int rows, int panelBegin, int panelEnd, float[] dz, int dzOffset, int dzStride, Packed g);

  /**
   * The gates of an LSTM, forward. Unit u of block p has its gates i f g o in columns {@code 64 p +
   * u}, {@code + 16}, {@code + 32} and {@code + 48} of z.
   *
   * <pre>
   * i = σ(z_i)   f = σ(z_f)   g = tanh(z_g)   o = σ(z_o)       stored over z
   * c = fma(f, c', i g)
   * t = tanh(c)
   * h = o t
   * </pre>
   *
   * @param rows rows of every matrix
   * @param blockBegin first block of 16 units computed
   * @param blockEnd one past the last block computed
   * @param cPrevious cell states before the step {@code [rows][units]}; may be c itself
   * @param cPreviousOffset start of cPrevious
   * @param c cell states after the step {@code [rows][units]}
   * @param cOffset start of c
   * @param stride row stride of cPrevious, c, tanhC and h
   * @param tanhC receives t {@code [rows][units]}
   * @param tanhCOffset start of tanhC
   * @param h hidden states after the step {@code [rows][units]}
   * @param hOffset start of h
   * @param z pre-activations, overwritten by the gates {@code [rows][4 units]}
   * @param zOffset start of z
   * @param zStride row stride of z
   */
  void lstmForward(
      int rows,
      int blockBegin,
      int blockEnd,
      float[] cPrevious,
      int cPreviousOffset,
      float[] c,
      int cOffset,
      int stride,
      float[] tanhC,
      int tanhCOffset,
      float[] h,
      int hOffset,
      float[] z,
      int zOffset,
      int zStride);

  /**
   * {@link #step} from the bias, then {@link #lstmForward} for all units: a whole step of one
   * stream, which kernels may compute in one.
   *
   * @param w weights, made by {@link #stepWeights} of these kernels
   * @param inputs inputs summed first
   * @param x inputs {@code [inputs]}
   * @param xOffset start of x
   * @param hidden hidden units
   * @param h hidden states, before the step and after it
   * @param c cell states, before the step and after it
   * @param before start of the states before the step, in h and in c
   * @param after start of the states after it
   * @param tanhC receives tanh of the cell states {@code [units]}
   * @param z receives the gates {@code [4 units]}
   */
  default void lstmStep(
      StepWeights w,
      int inputs,
      float[] x,
      int xOffset,
      int hidden,
      float[] h,
      float[] c,
      int before,
      int after,
      float[] tanhC,
      float[] z) {
    int panels = w.packed.panels();
    step(w, true, 0, panels, 0, inputs, x, xOffset, hidden, h, before, z, 0);
    lstmForward(1, 0, panels, c, before, c, after, 0, tanhC, 0, h, after, z, 0, 0);
  }

  /**
   * The gates of an LSTM, backward: from the gradients of h and c to those of the pre-activations.
   *
   * <pre>
   * δo = δh t
   * δc = fma(δh o, fma(-t, t, 1), δc)
   * δi = δc g     δf = δc c'     δg = δc i     δc' = δc f
   * δz = [δi (i (1 - i)), δf (f (1 - f)), δg fma(-g, g, 1), δo (o (1 - o))]       stored over z
   * </pre>
   *
   * @param rows rows of every matrix
   * @param blockBegin first block of 16 units computed
   * @param blockEnd one past the last block computed
   * @param dh gradient of h {@code [rows][units]}
   * @param dhOffset start of dh
   * @param dhStride row stride of dh
   * @param cPrevious cell states before the step {@code [rows][units]}
   * @param cPreviousOffset start of cPrevious
   * @param stride row stride of cPrevious, tanhC and dc
   * @param tanhC tanh of the cell states after the step
   * @param tanhCOffset start of tanhC
   * @param dc gradient of c from the step after; becomes that of c' {@code [rows][units]}
   * @param dcOffset start of dc
   * @param z gates, overwritten by δz {@code [rows][4 units]}
   * @param zOffset start of z
   * @param zStride row stride of z
   */
  void lstmBackward(
      int rows,
      int blockBegin,
      int blockEnd,
      float[] dh,
      int dhOffset,
      int dhStride,
      float[] cPrevious,
      int cPreviousOffset,
      int stride,
      float[] tanhC,
      int tanhCOffset,
      float[] dc,
      int dcOffset,
      float[] z,
      int zOffset,
      int zStride);

  /**
   * The gates of an LSTM with peepholes, forward. Gates lie as in {@link #lstmForward}; the
   * peepholes p of i, f and o lie one after the other, each padded to whole blocks of units.
   *
   * <pre>
   * i = σ(fma(p_i, c', z_i))   f = σ(fma(p_f, c', z_f))   g = tanh(z_g)
   * c = fma(f, c', i g)
   * o = σ(fma(p_o, c, z_o))                                i f g o stored over z
   * t = tanh(c)
   * h = o t
   * </pre>
   *
   * @param rows rows of every matrix
   * @param blockBegin first block of 16 units computed
   * @param blockEnd one past the last block computed
   * @param peephole p {@code [3 units]}, in the bias row of a matrix without inputs
   * @param cPrevious cell states before the step {@code [rows][units]}; may be c itself
   * @param cPreviousOffset start of cPrevious
   * @param c cell states after the step {@code [rows][units]}
   * @param cOffset start of c
   * @param stride row stride of cPrevious, c, tanhC and h
   * @param tanhC receives t {@code [rows][units]}
   * @param tanhCOffset start of tanhC
   * @param h hidden states after the step {@code [rows][units]}
   * @param hOffset start of h
   * @param z pre-activations, overwritten by the gates {@code [rows][4 units]}
   * @param zOffset start of z
   * @param zStride row stride of z
   */
  void peepholeForward(
      int rows,
      int blockBegin,
      int blockEnd,
      Packed peephole,
      float[] cPrevious,
      int cPreviousOffset,
      float[] c,
      int cOffset,
      int stride,
      float[] tanhC,
      int tanhCOffset,
      float[] h,
      int hOffset,
      float[] z,
      int zOffset,
      int zStride);

  /**
   * The gates of an LSTM with peepholes, backward: from the gradients of h and c to those of the
   * pre-activations.
   *
   * <pre>
   * δo = δh t     δz_o = δo (o (1 - o))
   * δc = fma(p_o, δz_o, fma(δh o, fma(-t, t, 1), δc))
   * δi = δc g     δf = δc c'     δg = δc i
   * δz = [δi (i (1 - i)), δf (f (1 - f)), δg fma(-g, g, 1), δz_o]       stored over z
   * δc' = fma(p_f, δz_f, fma(p_i, δz_i, δc f))
   * </pre>
   *
   * @param rows rows of every matrix
   * @param blockBegin first block of 16 units computed
   * @param blockEnd one past the last block computed
   * @param peephole p {@code [3 units]}, in the bias row of a matrix without inputs
   * @param dh gradient of h {@code [rows][units]}
   * @param dhOffset start of dh
   * @param dhStride row stride of dh
   * @param cPrevious cell states before the step {@code [rows][units]}
   * @param cPreviousOffset start of cPrevious
   * @param stride row stride of cPrevious, tanhC and dc
   * @param tanhC tanh of the cell states after the step
   * @param tanhCOffset start of tanhC
   * @param dc gradient of c from the step after; becomes that of c' {@code [rows][units]}
   * @param dcOffset start of dc
   * @param z gates, overwritten by δz {@code [rows][4 units]}
   * @param zOffset start of z
   * @param zStride row stride of z
   */
  void peepholeBackward(
      int rows,
      int blockBegin,
      int blockEnd,
      Packed peephole,
      float[] dh,
      int dhOffset,
      int dhStride,
      float[] cPrevious,
      int cPreviousOffset,
      int stride,
      float[] tanhC,
      int tanhCOffset,
      float[] dc,
      int dcOffset,
      float[] z,
      int zOffset,
      int zStride);

  /**
   * {@code g[n] += Σ_r a[r][n] dz[r][n]}, r ascending, for one block of 16 columns: the gradient of
   * weights that scale element by element, as peepholes do.
   *
   * @param rows rows of a and dz
   * @param a what was scaled {@code [rows][16]}
   * @param aOffset start of a
   * @param aStride row stride of a
   * @param dz error terms {@code [rows][16]}
   * @param dzOffset start of dz
   * @param dzStride row stride of dz
   * @param g gradient {@code [16]}, continued
   * @param gOffset start of g
   */
  void accumulateScale(
      int rows,
      float[] a,
      int aOffset,
      int aStride,
      float[] dz,
      int dzOffset,
      int dzStride,
      float[] g,
      int gOffset);

  /**
   * The activation of a vanilla RNN, forward: {@code h = f(z)}, f being tanh or
   *
   * <pre>{@code
   * relu(z) = z <= 0 ? 0 : z
   * }</pre>
   *
   * <p>Unit u lies in column u of z.
   *
   * @param activation f
   * @param rows rows of both matrices
   * @param blockBegin first block of 16 units computed
   * @param blockEnd one past the last block computed
   * @param z pre-activations {@code [rows][units]}
   * @param zOffset start of z
   * @param zStride row stride of z
   * @param h hidden states after the step {@code [rows][units]}
   * @param hOffset start of h
   * @param hStride row stride of h
   */
  void rnnForward(
      Activation activation,
      int rows,
      int blockBegin,
      int blockEnd,
      float[] z,
      int zOffset,
      int zStride,
      float[] h,
      int hOffset,
      int hStride);

  /**
   * The activation of a vanilla RNN, backward: from the gradient of h to that of the
   * pre-activations.
   *
   * <pre>{@code
   * tanh: δz = δh fma(-h, h, 1)
   * relu: δz = h > 0 ? δh : 0
   * }</pre>
   *
   * @param activation f
   * @param rows rows of every matrix
   * @param blockBegin first block of 16 units computed
   * @param blockEnd one past the last block computed
   * @param h hidden states after the step {@code [rows][units]}
   * @param hOffset start of h
   * @param dh gradient of h {@code [rows][units]}
   * @param dhOffset start of dh
   * @param hStride row stride of h and dh
   * @param z receives δz {@code [rows][units]}
   * @param zOffset start of z
   * @param zStride row stride of z
   */
  void rnnBackward(
      Activation activation,
      int rows,
      int blockBegin,
      int blockEnd,
      float[] h,
      int hOffset,
      float[] dh,
      int dhOffset,
      int hStride,
      float[] z,
      int zOffset,
      int zStride);

  /**
   * The gates of a GRU, forward. Unit u of block p has its slots r z n_x n_h in columns {@code 64 p
   * + u}, {@code + 16}, {@code + 32} and {@code + 48} of z.
   *
   * <pre>
   * r = σ(z_r)   z = σ(z_z)   n = tanh(fma(r, z_nh, z_nx))       stored over z_r, z_z and z_nx
   * h = fma(z, h' - n, n)
   * </pre>
   *
   * @param rows rows of every matrix
   * @param blockBegin first block of 16 units computed
   * @param blockEnd one past the last block computed
   * @param hPrevious hidden states before the step {@code [rows][units]}
   * @param hPreviousOffset start of hPrevious
   * @param h hidden states after the step {@code [rows][units]}; may be hPrevious itself
   * @param hOffset start of h
   * @param stride row stride of hPrevious and h
   * @param z pre-activations, overwritten by r, z and n; z_nh stays {@code [rows][4 units]}
   * @param zOffset start of z
   * @param zStride row stride of z
   */
  void gruForward(
      int rows,
      int blockBegin,
      int blockEnd,
      float[] hPrevious,
      int hPreviousOffset,
      float[] h,
      int hOffset,
      int stride,
      float[] z,
      int zOffset,
      int zStride);

  /**
   * The gates of a GRU, backward: from the gradient of h to those of the pre-activations, and the
   * part of the gradient of h' that does not go through them.
   *
   * <pre>
   * δz = δh (h' - n)
   * δz_nx = (δh (1 - z)) fma(-n, n, 1)     δz_nh = δz_nx r     δr = δz_nx z_nh
   * δh' = fma(δh, z, δh')
   * δz = [δr (r (1 - r)), δz (z (1 - z)), δz_nx, δz_nh]       stored over z
   * </pre>
   *
   * @param rows rows of every matrix
   * @param blockBegin first block of 16 units computed
   * @param blockEnd one past the last block computed
   * @param hPrevious hidden states before the step {@code [rows][units]}
   * @param hPreviousOffset start of hPrevious
   * @param dh gradient of h {@code [rows][units]}
   * @param dhOffset start of dh
   * @param stride row stride of hPrevious, dh and dhPrevious
   * @param dhPrevious gradient of h', added to {@code [rows][units]}
   * @param dhPreviousOffset start of dhPrevious
   * @param z what the forward pass left, overwritten by δz {@code [rows][4 units]}
   * @param zOffset start of z
   * @param zStride row stride of z
   */
  void gruBackward(
      int rows,
      int blockBegin,
      int blockEnd,
      float[] hPrevious,
      int hPreviousOffset,
      float[] dh,
      int dhOffset,
      int stride,
      float[] dhPrevious,
      int dhPreviousOffset,
      float[] z,
      int zOffset,
      int zStride);

  /**
   * Softmax of each row: {@code y = e / Σe} with {@code e = exp(y - max y)}, in place. The sum is a
   * reduction in float; the quotient is a product with {@code 1 / Σe}. Columns from {@code columns}
   * up to the padding are overwritten with zero.
   *
   * @param rows rows of y
   * @param columns columns of y
   * @param y logits, overwritten by probabilities
   * @param offset start of y
   * @param stride row stride of y
   */
  void softmax(int rows, int columns, float[] y, int offset, int stride);

  /**
   * Softmax with cross-entropy, forward and backward in one: the loss of each row and, over the
   * logits, the gradient {@code e (scale / Σe) - onehot(target) scale}. The loss is {@code log(Σe)
   * + max - y[target]} in double. A row whose target is negative is ignored: its loss and its
   * gradient are zero. Columns from {@code columns} up to the padding are overwritten with zero.
   *
   * @param rows rows of y
   * @param columns number of classes
   * @param targets class of each row, below columns; negative to ignore the row
   * @param targetsOffset start of targets
   * @param scale factor of the gradient, usually 1 / number of rows in the whole batch
   * @param losses receives the loss of each row, in nats
   * @param lossesOffset start of losses
   * @param y logits, overwritten by their gradient
   * @param offset start of y
   * @param stride row stride of y
   */
  void softmaxCrossEntropy(
      int rows,
      int columns,
      int[] targets,
      int targetsOffset,
      float scale,
      double[] losses,
      int lossesOffset,
      float[] y,
      int offset,
      int stride);

  /**
   * {@code p[i mod 16] = fma(x[i], x[i], p[i mod 16])} in double, i ascending: the partial sums of
   * {@code Σ x²}. Zeros may be left out in groups of 16: they change no bit.
   *
   * @param n number of elements
   * @param x the elements
   * @param offset start of x
   * @param partials sixteen partial sums, continued
   * @param partialsOffset start of partials
   */
  void accumulateSquares(int n, float[] x, int offset, double[] partials, int partialsOffset);

  /**
   * The sum of sixteen partial sums, combined as the law says; they are overwritten.
   *
   * @param partials sixteen partial sums
   * @param offset start of partials
   * @return the sum; NaN or infinite when one is
   */
  double sumOfPartials(double[] partials, int offset);

  /**
   * {@code s[index[r]][n] += dz[r][n]}, r ascending: the sum of all rows that belong together.
   *
   * @param rows rows of dz
   * @param columnBegin first column summed, a multiple of {@link Packed#BLOCK}
   * @param columnEnd one past the last column summed, a multiple of {@link Packed#BLOCK}
   * @param index row of s for each row of dz
   * @param indexOffset start in index
   * @param dz error terms {@code [rows][columns]}
   * @param dzOffset start of column 0 of dz
   * @param dzStride row stride of dz
   * @param s sums, continued
   * @param sOffset start of column 0 of s
   * @param sStride row stride of s
   */
  void accumulateRows(
      int rows,
      int columnBegin,
      int columnEnd,
      int[] index,
      int indexOffset,
      float[] dz,
      int dzOffset,
      int dzStride,
      float[] s,
      int sOffset,
      int sStride);

  /**
   * Gradient descent over a range of the arena. Here and in the other laws the gradient is first
   * scaled and, with a weight decay, joined by the penalty's: {@code g = factor gradient}, then
   * {@code g = fma(decay, p, g)} unless decay is 0.
   *
   * <pre>
   * p = fma(-rate, g, p)
   * </pre>
   *
   * @param n number of parameters
   * @param factor of clipping by norm
   * @param decay weight of the L2 penalty
   * @param rate learning rate
   * @param gradients the arena of gradients, left as it is
   * @param values the arena
   * @param offset start in every array
   */
  void sgd(
      int n, float factor, float decay, float rate, float[] gradients, float[] values, int offset);

  /**
   * Gradient descent with momentum over a range of the arena; g as in {@link #sgd}.
   *
   * <pre>
   * v = fma(keep, v, g)
   * p = fma(-rate, v, p)
   * </pre>
   *
   * @param n number of parameters
   * @param factor of clipping by norm
   * @param decay weight of the L2 penalty
   * @param rate learning rate
   * @param keep share of the velocity that is kept
   * @param gradients the arena of gradients, left as it is
   * @param velocity v
   * @param values the arena
   * @param offset start in every array
   */
  void momentum(
      int n,
      float factor,
      float decay,
      float rate,
      float keep,
      float[] gradients,
      float[] velocity,
      float[] values,
      int offset);

  /**
   * Adam over a range of the arena; g as in {@link #sgd}.
   *
   * <pre>
   * m = fma(learn, g - m, m)
   * v = fma(learnSquare g, g, keepSquare v)
   * p = fma(-rate, m / fma(√v, correction, epsilon), p)
   * </pre>
   *
   * @param n number of parameters
   * @param factor of clipping by norm
   * @param decay weight of the L2 penalty
   * @param rate learning rate over the bias correction of m
   * @param learn share of g in m
   * @param keepSquare share of v that is kept
   * @param learnSquare share of g² in v
   * @param correction of the bias of √v
   * @param epsilon added to the root
   * @param gradients the arena of gradients, left as it is
   * @param mean m
   * @param square v
   * @param values the arena
   * @param offset start in every array
   */
  void adam(
      int n,
      float factor,
      float decay,
      float rate,
      float learn,
      float keepSquare,
      float learnSquare,
      float correction,
      float epsilon,
      float[] gradients,
      float[] mean,
      float[] square,
      float[] values,
      int offset);

  /**
   * {@code y = exp(x)}, element by element; see {@link PlainMath#exp}.
   *
   * @param n number of elements
   * @param x arguments
   * @param xOffset start of x
   * @param y results; may be x itself
   * @param yOffset start of y
   */
  void exp(int n, float[] x, int xOffset, float[] y, int yOffset);

  /**
   * {@code y = 1 / (1 + exp(-x))}, element by element; see {@link PlainMath#sigmoid}.
   *
   * @param n number of elements
   * @param x arguments
   * @param xOffset start of x
   * @param y results; may be x itself
   * @param yOffset start of y
   */
  void sigmoid(int n, float[] x, int xOffset, float[] y, int yOffset);

  /**
   * {@code y = tanh(x)}, element by element; see {@link PlainMath#tanh}.
   *
   * @param n number of elements
   * @param x arguments
   * @param xOffset start of x
   * @param y results; may be x itself
   * @param yOffset start of y
   */
  void tanh(int n, float[] x, int xOffset, float[] y, int yOffset);
}
