"""Writes the models of this folder: see README.md."""
import os, sys
os.environ['KERAS_BACKEND'] = 'torch'
import numpy as np, keras
from safetensors.numpy import save_file
from keras import layers as L

out = sys.argv[1]
rng = np.random.default_rng(7)

def save(name, model, x):
    for v in model.weights:
        if v.dtype == 'float32':
            v.assign(rng.uniform(-0.9, 0.9, v.shape).astype('float32'))
    y = np.ascontiguousarray(model(x.astype('int32') if x.dtype == np.int64 else x).detach().numpy())
    model.save(f'{out}/{name}.keras')
    save_file({'in': x, 'out': y}, f'{out}/{name}.safetensors')

X = lambda t, f: rng.normal(size=(2, t, f)).astype('float32')
I = lambda t, n: rng.integers(0, n, size=(2, t)).astype('int64')
S = lambda *layers: keras.Sequential(list(layers))

save('lstm_stacked', S(L.Input((None, 3)), L.LSTM(4, return_sequences=True), L.Dropout(0.5),
     L.LSTM(4, return_sequences=True), L.Dense(2)), X(5, 3))
save('lstm_last_tanh', S(L.Input((6, 3)), L.LSTM(5, dropout=0.1, recurrent_dropout=0.2), L.Dense(2, activation='tanh')), X(6, 3))
save('lstm_no_bias', S(L.Input((None, 2)), L.LSTM(3, use_bias=False, unroll=False), L.Dense(3, use_bias=False)), X(4, 2))
save('lstm_backwards', S(L.Input((None, 2)), L.LSTM(3, go_backwards=True, return_sequences=True), L.Dense(2)), X(4, 2))
save('lstm_hard_sigmoid', S(L.Input((None, 2)), L.LSTM(3, activation='relu', recurrent_activation='hard_sigmoid', return_sequences=True)), X(4, 2))
save('lstm_softsign', S(L.Input((None, 2)), L.LSTM(3, activation='softsign', recurrent_activation='elu')), X(4, 2))
save('gru_reset_after', S(L.Input((None, 3)), L.GRU(4, return_sequences=True), L.Dense(2, activation='softmax')), X(5, 3))
save('gru_reset_before', S(L.Input((None, 3)), L.GRU(4, reset_after=False, return_sequences=True), L.Dense(2, activation='sigmoid')), X(5, 3))
save('gru_no_bias', S(L.Input((None, 3)), L.GRU(3, use_bias=False), L.Dense(2, activation='relu')), X(5, 3))
save('rnn_tanh', S(L.Input((None, 3)), L.SimpleRNN(4, return_sequences=True), L.SimpleRNN(4, return_sequences=True, unroll=False), L.Dense(2)), X(5, 3))
save('rnn_relu', S(L.Input((None, 3)), L.SimpleRNN(4, activation='relu', return_sequences=True), L.Dense(2)), X(5, 3))
save('rnn_sigmoid', S(L.Input((None, 3)), L.SimpleRNN(4, activation='sigmoid'), L.Activation('softmax')), X(5, 3))
save('bi_lstm_stacked', S(L.Input((None, 3)), L.Bidirectional(L.LSTM(4, return_sequences=True)), L.Bidirectional(L.LSTM(4)), L.Dense(3, activation='softmax')), X(5, 3))
save('bi_gru_sequences', S(L.Input((None, 3)), L.Bidirectional(L.GRU(4, return_sequences=True)), L.Dense(3)), X(5, 3))
save('bi_rnn_sum', S(L.Input((None, 3)), L.Bidirectional(L.SimpleRNN(4, return_sequences=True), merge_mode='sum'), L.Bidirectional(L.SimpleRNN(4), merge_mode='sum'), L.Dense(3)), X(5, 3))
save('bi_gru_average', S(L.Input((None, 3)), L.Bidirectional(L.GRU(4, return_sequences=True), merge_mode='ave')), X(5, 3))
save('bi_lstm_product', S(L.Input((None, 3)), L.Bidirectional(L.LSTM(4), merge_mode='mul'), L.Dense(2)), X(5, 3))
save('bi_unequal', S(L.Input((None, 3)), L.Bidirectional(L.LSTM(3), backward_layer=L.GRU(3, go_backwards=True, reset_after=False)), L.Dense(2)), X(5, 3))
save('embedding', S(L.Input((None,), dtype='int32'), L.Embedding(9, 3), L.SpatialDropout1D(0.2), L.LSTM(4, return_sequences=True), L.Dense(9, activation='softmax')), I(6, 9))
save('mean', S(L.Input((None, 3)), L.LSTM(4, return_sequences=True), L.GlobalAveragePooling1D(), L.Dense(2)), X(5, 3))
save('max', S(L.Input((None, 3)), L.GRU(4, return_sequences=True), L.GlobalMaxPooling1D(), L.Dense(2), L.Activation('sigmoid')), X(5, 3))
save('mixed', S(L.Input((None, 3)), L.Dense(5, activation='relu'), L.LSTM(4, return_sequences=True), L.GRU(3), L.Dense(4, activation='softplus'), L.Dense(2, activation='leaky_relu')), X(5, 3))
save('log_softmax', S(L.Input((None, 3)), L.LSTM(4, return_sequences=True), L.Dense(5, activation='log_softmax')), X(5, 3))
i = L.Input((None, 3), name='signal')
x = L.LSTM(4, return_sequences=True, name='first')(i)
x = L.Dropout(0.1)(x)
x = L.LSTM(4, name='second')(x)
f = keras.Model(i, L.Dense(2, activation='sigmoid', name='answer')(x), name='functional')
save('functional', f, X(5, 3))
m = S(L.Input((4, 3)), L.GRU(3), L.Dense(1))
m.compile('adam', 'mse'); m.fit(X(4, 3), np.zeros((2, 1)), verbose=0)
save('trained', m, X(4, 3))
m = S(L.LSTM(3), L.Dense(1)); m.build((None, 5, 2))
save('built_later', m, X(5, 2))
# what must be refused
def refuse(name, model): model.save(f'{out}/refused_{name}.keras')
refuse('mask_zero', S(L.Input((4,)), L.Embedding(5, 2, mask_zero=True), L.LSTM(2)))
refuse('masking', S(L.Input((4, 2)), L.Masking(), L.LSTM(2)))
refuse('conv', S(L.Input((4, 2)), L.Conv1D(3, 2), L.LSTM(2)))
refuse('float64', S(L.Input((4, 2), dtype='float64'), L.LSTM(2, dtype='float64')))
refuse('gelu', S(L.Input((4, 2)), L.LSTM(2), L.Dense(2, activation='gelu')))
i = L.Input((4, 2)); s = L.LSTM(2)(i); refuse('two_readers', keras.Model(i, L.Add()([L.Dense(2)(s), s])))
i = L.Input((4, 2)); a, h, c = L.LSTM(2, return_state=True)(i); refuse('return_state', keras.Model(i, [a, h, c]))
i = L.Input((4, 2)); j = L.Input((2,)); refuse('initial_state', keras.Model([i, j], L.GRU(2)(i, initial_state=j)))
# Keras stores without compression; compressed, the folder is a tenth of the size.
import zipfile
for name in sorted(os.listdir(out)):
    if name.endswith('.keras'):
        path = f'{out}/{name}'
        with zipfile.ZipFile(path) as z:
            entries = [(n, z.read(n)) for n in z.namelist()]
        with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as z:
            for n, content in entries:
                z.writestr(n, content)
