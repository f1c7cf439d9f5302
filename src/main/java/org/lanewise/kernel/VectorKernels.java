package org.lanewise.kernel;

/** {@link Kernels} on the Vector API. */
public final class VectorKernels implements Kernels {
  private static final Rows ROWS = new Rows(new VectorRows());

  /** Has no state. */
  public VectorKernels() {}

  @Override
  public void affine(
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
      int zStride) {
    VectorProduct.multiply(
        true, rows, w, 0, depth, panelBegin, panelEnd, a, aOffset, aStride, z, zOffset, zStride);
  }

  @Override
  public void product(
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
      int zStride) {
    VectorProduct.multiply(
        false,
        rows,
        w,
        firstInput,
        depth,
        panelBegin,
        panelEnd,
        a,
        aOffset,
        aStride,
        z,
        zOffset,
        zStride);
  }

  @Override
  public StepWeights stepWeights(Packed packed, StepWeights.Format format) {
    return StepWeights.inLines(packed, format);
  }

  @Override
  public void step(
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
      int zOffset) {
    if (VectorStep.isGroup(w) && panelBegin < panelEnd) {
      VectorStep.group(w, fromBias, firstInput, inputs, x, xOffset, hidden, h, hOffset, z, zOffset);
      return;
    }
    int wideEnd = VectorStep.end(w, panelBegin, panelEnd);
    if (panelBegin < wideEnd) {
      VectorStep.run(
          w,
          fromBias,
          panelBegin,
          wideEnd,
          firstInput,
          inputs,
          x,
          xOffset,
          hidden,
          h,
          hOffset,
          z,
          zOffset);
    }
    if (wideEnd < panelEnd) {
      VectorProduct.multiply(
          fromBias,
          1,
          w.packed,
          firstInput,
          inputs,
          wideEnd,
          panelEnd,
          x,
          xOffset,
          0,
          z,
          zOffset,
          0);
      VectorProduct.multiply(
          false,
          1,
          w.packed,
          firstInput + inputs,
          hidden,
          wideEnd,
          panelEnd,
          h,
          hOffset,
          0,
          z,
          zOffset,
          0);
    }
  }

  @Override
  public void lookup(
      int rows,
      Packed w,
      int panelBegin,
      int panelEnd,
      int[] index,
      int indexOffset,
      float[] z,
      int zOffset,
      int zStride) {
    ROWS.lookup(rows, w, panelBegin, panelEnd, index, indexOffset, z, zOffset, zStride);
  }

  @Override
  public void accumulateOuter(
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
      Packed g) {
    VectorProduct.accumulateOuter(
        rows,
        firstInput,
        depth,
        panelBegin,
        panelEnd,
        a,
        aOffset,
        aStride,
        dz,
        dzOffset,
        dzStride,
        g);
  }

  @Override
  public void accumulateLookup(
      int rows,
      int panelBegin,
      int panelEnd,
      int[] index,
      int indexOffset,
      float[] dz,
      int dzOffset,
      int dzStride,
      Packed g) {
    ROWS.accumulateLookup(
        rows, panelBegin, panelEnd, index, indexOffset, dz, dzOffset, dzStride, g);
  }

  @Override
  public void accumulateBias(
      int rows, int panelBegin, int panelEnd, float[] dz, int dzOffset, int dzStride, Packed g) {
    ROWS.accumulateBias(rows, panelBegin, panelEnd, dz, dzOffset, dzStride, g);
  }

  @Override
  public void lstmForward(
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
      int zStride) {
    VectorGates.lstmForward(
        rows,
        blockBegin,
        blockEnd,
        cPrevious,
        cPreviousOffset,
        c,
        cOffset,
        stride,
        tanhC,
        tanhCOffset,
        h,
        hOffset,
        z,
        zOffset,
        zStride);
  }

  @Override
  public void lstmStep(
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
    if (VectorStep.isGroup(w)) {
      VectorLstmStep.run(w, inputs, x, xOffset, hidden, h, c, before, after, tanhC, z);
    } else {
      Kernels.super.lstmStep(w, inputs, x, xOffset, hidden, h, c, before, after, tanhC, z);
    }
  }

  @Override
  public void lstmBackward(
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
      int zStride) {
    VectorGates.lstmBackward(
        rows,
        blockBegin,
        blockEnd,
        dh,
        dhOffset,
        dhStride,
        cPrevious,
        cPreviousOffset,
        stride,
        tanhC,
        tanhCOffset,
        dc,
        dcOffset,
        z,
        zOffset,
        zStride);
  }

  @Override
  public void peepholeForward(
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
      int zStride) {
    VectorPeephole.forward(
        rows,
        blockBegin,
        blockEnd,
        peephole,
        cPrevious,
        cPreviousOffset,
        c,
        cOffset,
        stride,
        tanhC,
        tanhCOffset,
        h,
        hOffset,
        z,
        zOffset,
        zStride);
  }

  @Override
  public void peepholeBackward(
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
      int zStride) {
    VectorPeephole.backward(
        rows,
        blockBegin,
        blockEnd,
        peephole,
        dh,
        dhOffset,
        dhStride,
        cPrevious,
        cPreviousOffset,
        stride,
        tanhC,
        tanhCOffset,
        dc,
        dcOffset,
        z,
        zOffset,
        zStride);
  }

  @Override
  public void accumulateScale(
      int rows,
      float[] a,
      int aOffset,
      int aStride,
      float[] dz,
      int dzOffset,
      int dzStride,
      float[] g,
      int gOffset) {
    VectorPeephole.accumulateScale(rows, a, aOffset, aStride, dz, dzOffset, dzStride, g, gOffset);
  }

  @Override
  public void rnnForward(
      Activation activation,
      int rows,
      int blockBegin,
      int blockEnd,
      float[] z,
      int zOffset,
      int zStride,
      float[] h,
      int hOffset,
      int hStride) {
    VectorRnn.forward(
        activation, rows, blockBegin, blockEnd, z, zOffset, zStride, h, hOffset, hStride);
  }

  @Override
  public void rnnBackward(
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
      int zStride) {
    VectorRnn.backward(
        activation,
        rows,
        blockBegin,
        blockEnd,
        h,
        hOffset,
        dh,
        dhOffset,
        hStride,
        z,
        zOffset,
        zStride);
  }

  @Override
  public void gruForward(
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
      int zStride) {
    VectorGru.forward(
        rows,
        blockBegin,
        blockEnd,
        hPrevious,
        hPreviousOffset,
        h,
        hOffset,
        stride,
        z,
        zOffset,
        zStride);
  }

  @Override
  public void gruBackward(
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
      int zStride) {
    VectorGru.backward(
        rows,
        blockBegin,
        blockEnd,
        hPrevious,
        hPreviousOffset,
        dh,
        dhOffset,
        stride,
        dhPrevious,
        dhPreviousOffset,
        z,
        zOffset,
        zStride);
  }

  @Override
  public void softmax(int rows, int columns, float[] y, int offset, int stride) {
    ROWS.softmax(rows, columns, y, offset, stride);
  }

  @Override
  public void softmaxCrossEntropy(
      int rows,
      int columns,
      int[] targets,
      int targetsOffset,
      float scale,
      double[] losses,
      int lossesOffset,
      float[] y,
      int offset,
      int stride) {
    ROWS.softmaxCrossEntropy(
        rows, columns, targets, targetsOffset, scale, losses, lossesOffset, y, offset, stride);
  }

  @Override
  public void accumulateSquares(
      int n, float[] x, int offset, double[] partials, int partialsOffset) {
    Reductions.accumulateSquares(n, x, offset, partials, partialsOffset);
  }

  @Override
  public double sumOfPartials(double[] partials, int offset) {
    return Reductions.sumOfPartials(partials, offset);
  }

  @Override
  public void accumulateRows(
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
      int sStride) {
    ROWS.accumulateRows(
        rows,
        columnBegin,
        columnEnd,
        index,
        indexOffset,
        dz,
        dzOffset,
        dzStride,
        s,
        sOffset,
        sStride);
  }

  @Override
  public void sgd(
      int n, float factor, float decay, float rate, float[] gradients, float[] values, int offset) {
    VectorUpdates.sgd(n, factor, decay, rate, gradients, values, offset);
  }

  @Override
  public void momentum(
      int n,
      float factor,
      float decay,
      float rate,
      float keep,
      float[] gradients,
      float[] velocity,
      float[] values,
      int offset) {
    VectorUpdates.momentum(n, factor, decay, rate, keep, gradients, velocity, values, offset);
  }

  @Override
  public void adam(
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
      int offset) {
    VectorUpdates.adam(
        n,
        factor,
        decay,
        rate,
        learn,
        keepSquare,
        learnSquare,
        correction,
        epsilon,
        gradients,
        mean,
        square,
        values,
        offset);
  }

  @Override
  public void exp(int n, float[] x, int xOffset, float[] y, int yOffset) {
    for (int i = VectorArrays.run(VectorArrays.EXP, n, x, xOffset, y, yOffset); i < n; i++) {
      y[yOffset + i] = PlainMath.exp(x[xOffset + i]);
    }
  }

  @Override
  public void sigmoid(int n, float[] x, int xOffset, float[] y, int yOffset) {
    for (int i = VectorArrays.run(VectorArrays.SIGMOID, n, x, xOffset, y, yOffset); i < n; i++) {
      y[yOffset + i] = PlainMath.sigmoid(x[xOffset + i]);
    }
  }

  @Override
  public void tanh(int n, float[] x, int xOffset, float[] y, int yOffset) {
    for (int i = VectorArrays.run(VectorArrays.TANH, n, x, xOffset, y, yOffset); i < n; i++) {
      y[yOffset + i] = PlainMath.tanh(x[xOffset + i]);
    }
  }
}
