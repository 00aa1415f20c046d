"""
Train on a text of your own and let it write
============================================

*Level: intermediate. Time: 20 minutes.* A small GRU learns from the text of
this course which character comes next, and then writes. *Finding*: after a few
epochs, about half of the words that the GRU writes occur in the training text,
but counting sequences of characters predicts better than the GRU.

The network gives a probability p to the character that comes next. Its loss is
the mean of -ln p (natural logarithm, so the unit is the nat). Lower is better.
An n-gram is a rule that counts what followed the last n - 1 characters. The
one to beat is the n-gram with the lowest loss on the test text. The chapter
:doc:`/learn/text` explains tokens, n-grams, logits and temperature.
"""

# %%
# Read and clean a text
# ---------------------
#
# To read your own text, use the line in the comment. Any plain text in Latin
# letters will do; 50,000 characters are enough to begin with. Rare characters
# are hard to learn, so we convert to lower case and keep letters, full stops
# and commas. Everything else becomes a space. If your language has accents,
# add its letters to the pattern. The last tenth is the test text.

# sphinx_gallery_thumbnail_number = 1
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
# Longer test pieces have fewer beginnings, so poor predictions count less.


def cut_pieces(codes, length):
    n = (len(codes) - 1) // length * length
    return codes[:n].reshape(-1, length), codes[1 : n + 1].reshape(-1, length)


X, y = cut_pieces(codes[:cut], 50)
test = cut_pieces(codes[cut:], 500)

# %%
# First the baseline
# ------------------
#
# For the n-grams we count all sequences of up to six characters in the
# training text. For example, the 3-gram divides the count of "the" by the
# count of "th" to get the probability of an "e" after "th". As in the chapter,
# we add the probability from the 2-gram to the upper count, and 1 to the lower
# count, so no probability is 0. The function does this for the character at
# place ``k`` of the text. The 1-gram looks at no earlier character, so its
# lower count is the number of all characters.

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
# The best n-gram is chosen by its test loss, which favours n-grams a little.

ends = range(cut + 1, cut + 1 + test[1].size)  # places of the test targets
rules = {
    f"{n}-gram": -np.mean([np.log(probability(k, n)) for k in ends])
    for n in range(1, 7)
}
best = min(rules, key=rules.get)
print(f"the one to beat: the {best} with {rules[best]:.3f} nats")

# %%
# A small network
# ---------------
#
# An embedding turns each character into 24 numbers, a GRU reads them, and a
# dense layer returns one logit per character. The learning rate begins high
# and falls to 0 along a cosine.

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
# To write, the network starts after a space. We sample a character, which
# becomes the next input. The state is kept. At a **temperature** of 1, the
# probabilities are those of the network.

from rnnedu import cells


def write(model, length, temperature=1.0):
    embedding, gru, dense = cells.Network.from_keras(model).layers
    rng, state = np.random.default_rng(0), {"h": np.zeros((1, UNITS))}
    code, written = characters.index(" "), ""
    while len(written) < length:
        state = gru.step(embedding.table[[code]], state, gru.weights)
        logits = dense.run(state["h"][0])[0] / temperature
        p = np.exp(logits - logits.max())
        code = rng.choice(len(characters), p=p / p.sum())
        written += characters[code]
    return written


# %%
# Samples after each epoch
# ------------------------
#
# One run proves little, so we train ``model`` from three seeds. After each
# epoch, Keras calls ``keep_sample`` and computes the loss on the test text
# (``validation_data``). We choose no setting of the network by this loss.

samples = []


def keep_sample(epoch, logs):
    samples.append(write(model, length=120))


watch = [keras.callbacks.LambdaCallback(on_epoch_end=keep_sample)]
networks, history = rnnedu.fit_seeds(
    model, X, y, range(3), epochs=EPOCHS, validation_data=test, callbacks=watch
)
print("\n\n".join(samples[:EPOCHS]))

# %%
# These are the samples of the first seed, one for each epoch. Short words are
# often right, and longer words are often misspelt. The sentences make no
# sense, and the loss does not ask for sense.
#
# Is it better than counting?
# ---------------------------
#
# A sample can look good by luck. The loss on the test text tells how good the
# network is. In the figure, the line is the median loss of the seeds, and the
# band is their range. The table ends with the GRU's final losses.

import pandas as pd
from rnnedu import plots

losses = history.pivot(index="seed", columns="epoch", values="val_loss")
fig, ax = plots.figure(
    "Loss on the test text, and the best counting rule",
    alt="Loss on the test text by epoch of training, and one n-gram.",
    xlabel="epoch",
    ylabel="nats per character",
)
plots.draw_baseline(ax, rules[best], best)
plots.draw_bands(ax, {"GRU": losses.to_numpy()})
last = losses[EPOCHS].rename("GRU, seed {}".format).to_dict()

# sphinx_gallery_start_ignore
assert (codes[list(ends)] == test[1].ravel()).all(), "the same characters"
assert rules["4-gram"] < min(last.values()), "the page says: between the two"
assert max(last.values()) < rules["3-gram"], "the page says: between the two"
ax.set_xticks(range(1, EPOCHS + 1))
# sphinx_gallery_end_ignore

pd.DataFrame({"nats per character": rules | last}).round(3)

# %%
# The loss of every run is between those of the 3-gram and the 4-gram. On a
# short text, counting is a strong baseline, and our training was short. If an
# n-gram also beats your network, train a larger network for more epochs, and
# look for more text.
#
# Choose a temperature
# --------------------
#
# A low temperature makes likely characters even more likely. A high one makes
# all probabilities more equal. The first network writes at four temperatures.
# A word is **known** if it occurs in the training text. The share of different
# words falls when words repeat. At temperature 1, the sample begins like that
# of the last epoch: the random numbers are the same.

known = set(re.findall("[a-z]+", text[:cut]))
for t in (0.3, 0.6, 1.0, 1.5):  # temperatures
    sample = write(networks[0], 1000, t)
    words = re.findall("[a-z]+", sample)
    share = np.mean([word in known for word in words])
    new = len(set(words)) / len(words)
    print(f"{t}: {share:.0%} known, {new:.0%} different\n{sample[:150]}\n")

# sphinx_gallery_start_ignore
assert share < 0.6 and new > 0.6, "the page says: more different, many not"
for t, low, high in ((1.0, 0.4, 0.65), (0.3, 0.85, 1)):
    words = re.findall("[a-z]+", write(networks[0], 1000, t))
    assert low < np.mean([word in known for word in words]) <= high, t
assert len(set(words)) / len(words) < 0.4, "the page says: again and again"
# sphinx_gallery_end_ignore

# %%
# At a low temperature, nearly all words are known, but the same words come
# again and again. At a high temperature, more words are different, but many
# words are not known. To try a temperature, you need no new training. Pick the
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
# - Score n-grams before you train: on a short text they are hard to beat.
# - Judge the network by its loss on a test text, with several seeds. Samples
#   show which kinds of mistakes are left.
# - Choose the temperature after training. A higher one gives more variety and
#   more spelling mistakes.
#
# Next: :doc:`/learn/text` goes on with greedy decoding, top-k and top-p.

# sphinx_gallery_start_ignore
import matplotlib.pyplot as plt

plt.show()  # run as a script: keep the figures open
# sphinx_gallery_end_ignore
