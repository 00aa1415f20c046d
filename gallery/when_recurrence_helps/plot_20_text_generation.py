"""
Train on a text of your own and let it write
============================================

*Level: intermediate. Time: 20 minutes.* We train a small GRU on the text of
this course to predict the next character, and let it write. *Finding*: after a
few epochs, more than half of the words in a sample of the GRU (temperature 1)
occur in the training text, but an n-gram predicts the next character better.

The network gives a probability p to the character that comes next. Its loss is
the mean of -ln p, in nats. Lower is better. An n-gram predicts by counting
what followed the last n - 1 characters in the training text. The one to beat
is the n-gram with the lowest loss on the test text. The chapter
:doc:`/learn/text` explains tokens, n-grams, logits, nats and temperature.
"""

# %%
# Read and clean a text
# ---------------------
#
# To read your own text, use the line in the comment: 50,000 characters in
# Latin letters are enough to begin with. Rare characters are hard to learn, so
# we convert the text to lower case and keep letters, full stops and commas.
# Everything else becomes a space. If your language has accents, add its
# letters to the pattern. The last tenth of the text is the test text.

import re

import numpy as np
import rnnedu

text = rnnedu.load_course_text()
# text = open("my_text.txt", encoding="utf-8").read()
text = re.sub("[^a-z.,]+", " ", text.lower())
characters = sorted(set(text))
codes = np.array([characters.index(each) for each in text])
cut = int(0.9 * len(text))
print(f"{len(text):,} characters, {len(characters)} different ones")

# %%
# The network reads pieces of 50 characters. The target at each character is
# the next character, so inputs and targets have the shape ``(pieces, 50)``.
# Each piece begins with a state of zeros, so its first predictions are poor.
# We cut the test text into longer pieces, to have fewer such predictions.


def cut_pieces(codes, length):
    n = (len(codes) - 1) // length * length
    return codes[:n].reshape(-1, length), codes[1 : n + 1].reshape(-1, length)


X, y = cut_pieces(codes[:cut], 50)
test = cut_pieces(codes[cut:], 500)

# %%
# First the baseline
# ------------------
#
# For the n-grams, we count all sequences of up to six characters in the
# training text. For example, the 3-gram's probability of an "e" after "th" is
#
# .. math:: p_3(e|th) = \frac{N(the) + p_2(e|h)}{N(th) + 1}
#
# Here N is a count, and :math:`p_2` is the 2-gram's probability of an "e"
# after "h". So no probability is 0, even if "the" never occurred. The
# :math:`p_2` of all characters sum to 1. With + 1 below, so do the
# :math:`p_3`. In the same way, :math:`p_2` needs :math:`p_1`, and :math:`p_1`
# needs :math:`p_0`, which is the same for every character. The 1-gram divides
# by N + 1, where N is the count of the empty sequence (``n = 0``): the number
# of all characters. The function computes this at place ``k`` of the text.

from collections import Counter

counts = Counter(text[k : k + n] for k in range(cut - 6) for n in range(7))


def probability(k, n):
    if n == 0:
        return 1 / len(characters)
    past = text[k - n + 1 : k]
    count = counts[past + text[k]] + probability(k, n - 1)
    return count / (counts[past] + 1)


# %%
# All n-grams, and later the network, are scored on the same test characters.
# We choose the best n-gram by its test loss, which favours n-grams a little.

targets = range(cut + 1, cut + 1 + test[1].size)  # places in the text
ngrams = {
    f"{n}-gram": -np.mean([np.log(probability(k, n)) for k in targets])
    for n in range(1, 7)
}
best = min(ngrams, key=ngrams.get)
print(f"the one to beat: the {best} with {ngrams[best]:.3f} nats")

# %%
# A small network
# ---------------
#
# An embedding turns each character into 24 numbers, a GRU reads them, and a
# dense layer returns one logit per character. The learning rate falls to 0.

import keras

UNITS, EPOCHS = 64, 5
model = keras.Sequential([keras.Input((None,))])  # pieces of any length
model.add(keras.layers.Embedding(len(characters), 24))
model.add(keras.layers.GRU(UNITS, return_sequences=True))
model.add(keras.layers.Dense(len(characters)))
updates = EPOCHS * int(np.ceil(len(X) / 32))  # Keras's batches hold 32
rate = keras.optimizers.schedules.CosineDecay(0.03, updates)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.Adam(rate), loss)

# %%
# To write, we give the network a space, sample a character from the predicted
# probabilities, and use it as the next input. A softmax (exp, then divide by
# the sum) turns the logits into probabilities. We first divide the logits by
# the **temperature**; a temperature of 1 changes nothing. The module ``cells``
# has the same layers in NumPy, where we can take one time step at a time:
# ``gru.step`` returns the new state, which the next step needs.

from rnnedu import cells


def write(model, length, temperature=1.0):
    embedding, gru, dense = cells.Network.from_keras(model).layers
    rng, state = np.random.default_rng(0), {"h": np.zeros((1, UNITS))}
    code, written = characters.index(" "), ""
    while len(written) < length:
        x = embedding.table[[code]]  # its 24 numbers, as a batch of one
        state = gru.step(x, state, gru.weights)
        logits = state["h"][0] @ dense.kernel + dense.bias
        p = np.exp((logits - logits.max()) / temperature)  # no overflow
        code = rng.choice(len(characters), p=p / p.sum())
        written += characters[code]
    return written


# %%
# Samples after each epoch
# ------------------------
#
# For each of three seeds, ``fit_seeds`` gives ``model`` new initial weights,
# trains it, and returns a copy. After each epoch, Keras computes the loss on
# the test text (``validation_data``). Then it calls ``watch``, and ``model``
# writes a sample. We choose no setting of the network by this loss.

samples = []
watch = keras.callbacks.LambdaCallback(
    on_epoch_end=lambda epoch, logs: samples.append(write(model, 120))
)
networks, history = rnnedu.fit_seeds(
    model, X, y, range(3), epochs=EPOCHS, validation_data=test, callbacks=watch
)
print("\n\n".join(samples[:EPOCHS]))

# %%
# These are the samples of the first seed, one for each epoch. Many words are
# misspelt. The sentences make no sense.
#
# Is the GRU better than counting?
# --------------------------------
#
# A sample can look good by luck, so we compare losses on the test text. In the
# figure, the GRU's line is the median loss of the three seeds, and the band is
# their range. The last rows of the table are the losses of the trained GRUs.

import pandas as pd
from rnnedu import plots

losses = history.pivot(index="seed", columns="epoch", values="val_loss")
fig, ax = plots.figure(
    "Loss on the test text: the GRU and the best n-gram",
    alt="Loss on the test text by epoch of training, and one n-gram.",
    xlabel="epoch",
    ylabel="nats per character",
)
plots.draw_baseline(ax, ngrams[best], best)
plots.draw_bands(ax, {"GRU": losses.to_numpy()})
last = losses[EPOCHS].rename("GRU, seed {}".format).to_dict()

# sphinx_gallery_start_ignore
assert (codes[list(targets)] == test[1].ravel()).all(), "the same characters"
assert losses[EPOCHS].between(ngrams["4-gram"], ngrams["3-gram"]).all()
ax.set_xticks(losses.columns)
# sphinx_gallery_end_ignore
pd.DataFrame({"nats per character": ngrams | last}).round(3)

# %%
# With each seed, the GRU is better than the 3-gram and worse than the 4-gram.
# On this short text, counting is a strong baseline. If an n-gram also beats
# your network, try a larger network, more epochs or more text.
#
# Choose a temperature
# --------------------
#
# A low temperature makes likely characters even more likely. A high one makes
# all probabilities more equal. The first network writes 1,000 characters at
# each of four temperatures. We print the beginning of each sample and two
# numbers: **known** is the share of the words that occur in the training text.
# **Different** is the number of different words divided by the number of all
# words, so it is low if words repeat.

vocabulary = set(re.findall("[a-z]+", text[:cut]))
for t in (0.3, 0.6, 1.0, 1.5):  # temperatures
    sample = write(networks[0], 1000, t)
    words = re.findall("[a-z]+", sample)
    known = np.mean([word in vocabulary for word in words])
    different = len(set(words)) / len(words)
    print(f"{t}: {known:.0%} known, {different:.0%} different")
    print(f"{sample[:150]}\n")
# sphinx_gallery_start_ignore
assert known < 0.6 and different > 0.6, "the page says: more different"
for each in networks:
    words = re.findall("[a-z]+", write(each, 1000, 0.3))
    assert np.mean([word in vocabulary for word in words]) > 0.85, "nearly all"
    assert len(set(words)) / len(words) < 0.4, "the page says: again and again"
right = np.isin(re.findall("[a-z]+", write(networks[0], 1000)), [*vocabulary])
assert 0.5 < right.mean() < 0.7, "the page says: more than half, many misspelt"
# sphinx_gallery_end_ignore

# %%
# At a low temperature, nearly all words are known, but they repeat. At a high
# temperature, more words are different, but many words are not known. Pick the
# highest temperature whose spelling you can accept.
#
# Try it yourself
# ---------------
#
# - Read a text of your own in the first cell. Which n-gram is the one to beat?
# - Set ``EPOCHS`` to 12 and ``UNITS`` to 96, which takes about a minute. Does
#   the GRU now beat the best n-gram with each seed?
#
# What to remember
# ----------------
#
# - Score n-grams before you train: on this short text, our GRU is worse.
# - Judge the network by its loss on a test text, with several seeds.
# - Choose the temperature after training. A higher temperature gives more
#   variety and more spelling mistakes.
#
# Next: :doc:`/learn/text` goes on with greedy decoding, top-k and top-p.

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
