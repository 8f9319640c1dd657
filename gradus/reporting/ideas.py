"""Ideas of the lecture: what each kind of model does, in three sentences and a formula."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Idea:
    """One idea, with its formula."""

    title: str
    """Name of the model or of the method."""
    text: str
    """About three sentences."""
    latex: str
    """Formula in LaTeX."""
    kinds: Sequence[str] = ()
    """The page shows the idea if the run has a model of one of these kinds; empty for an idea that is always shown."""


PREDICTION = (
    Idea(
        "A text, one token after another",
        "A language model reads a text from left to right. Before each token it gives every token of the vocabulary a "
        "probability. The probability of a text is the product of the probabilities of its tokens; the end of a line "
        "is a token too.",
        r"P(w_1,\dots,w_T)=\prod_{t=1}^{T}P(w_t\mid w_1,\dots,w_{t-1})",
    ),
    Idea(
        "Perplexity",
        "Perplexity measures how unsure a model is: a model with perplexity 20 is as unsure as if it had to choose "
        "among 20 equally probable tokens. It is computed on a test text that no model has seen in training. Lower is "
        "better, and 1 would mean that every token was certain.",
        r"\mathrm{PPL}=\exp\left(-\frac{1}{T}\sum_{t=1}^{T}\ln P(w_t\mid w_1,\dots,w_{t-1})\right)",
    ),
)

SMOOTHERS = (
    Idea(
        "Counting",
        "An n-gram model reads only the N − 1 tokens before a token, the history h. It divides how often the token "
        "followed this history in the training text by how often the history occurred. A longer history says more, "
        "but most long histories of a new text never occurred, and then the model has nothing to divide.",
        r"P(w\mid h)=\frac{c(hw)}{c(h)}",
    ),
    Idea(
        "Additive smoothing",
        "Every count gets a bonus k, so that no probability is zero. All tokens get the same bonus, whether they "
        "could follow the history or not. Laplace smoothing is the case k = 1.",
        r"P(w\mid h)=\frac{c(hw)+k}{c(h)+kV}",
        ["additive"],
    ),
    Idea(
        "Stupid back-off",
        "If an n-gram never occurred, the model asks for the n-gram without its first token, and multiplies by a "
        "constant. Nothing is subtracted elsewhere, so the scores do not add up to one. They rank tokens, but they "
        "have no perplexity.",
        r"S(w\mid h)=\begin{cases}c(hw)/c(h)&c(hw)>0\\ \alpha\,S(w\mid h')&\text{else}\end{cases}",
        ["stupid_backoff"],
    ),
    Idea(
        "Katz back-off",
        "Small counts are multiplied by a discount from Good and Turing's estimate. The probability that this frees "
        "goes to tokens that never followed the history. They share it as the shorter history h′ says.",
        r"P(w\mid h)=\begin{cases}d_{c(hw)}\,c(hw)/c(h)&c(hw)>0\\ \alpha(h)\,P(w\mid h')&\text{else}\end{cases}",
        ["katz"],
    ),
    Idea(
        "Jelinek-Mercer interpolation",
        "The relative frequencies of all orders are mixed. The weights are fitted to the validation text. Histories "
        "that occurred often get a larger weight.",
        r"P(w\mid h)=\lambda(h)\,\frac{c(hw)}{c(h)}+(1-\lambda(h))P(w\mid h')",
        ["jelinek_mercer"],
    ),
    Idea(
        "Witten-Bell smoothing",
        "A history that was followed by many different tokens will be followed by new ones, too. So the weight of the "
        "shorter history grows with the number of different tokens that followed. Nothing needs to be fitted.",
        r"P(w\mid h)=\frac{c(hw)+N_{1+}(h\,\cdot)\,P(w\mid h')}{c(h)+N_{1+}(h\,\cdot)}",
        ["witten_bell"],
    ),
    Idea(
        "Absolute discounting",
        "A constant D between 0 and 1 is subtracted from every count. What is left over goes to the shorter history. "
        "Large counts hardly change, small ones change much.",
        r"P(w\mid h)=\frac{\max(c(hw)-D,0)}{c(h)}+\lambda(h)P(w\mid h')",
        ["absolute_discounting", "modified_absolute_discounting"],
    ),
    Idea(
        "Kneser-Ney smoothing",
        "Shorter histories do not ask how often a token occurred, but after how many different tokens. A word such as "
        "“Francisco” can be frequent and yet follow hardly any word but “San”. The modified form has three "
        "discounts: for counts of 1, of 2, and of 3 or more.",
        r"P(w\mid h')=\frac{\max(N_{1+}(\cdot\,h'w)-D,0)}{N_{1+}(\cdot\,h'\,\cdot)}+\dots",
        ["kneser_ney", "modified_kneser_ney"],
    ),
)

WINDOW = (
    Idea(
        "A fixed window",
        "Each token becomes a vector, its embedding, so that the network can treat similar tokens alike. The network "
        "reads the vectors of the last tokens side by side, and computes the probabilities of the next token with one "
        "hidden layer. Like an n-gram model, it knows nothing about tokens before its window.",
        r"\begin{align*}x&=[e(w_{t-n+1});\dots;e(w_{t-1})]\\ h&=f(Wx+b)\\ P&=\mathrm{softmax}(Uh+c)\end{align*}",
        ["ffnn"],
    ),
)

RECURRENCE = (
    Idea(
        "The recurrent network (RNN)",
        "The network reads one token at a time and keeps a state h, a vector. The new state depends on the token and "
        "on the old state, so that it can depend on everything that was read. The same weights serve at every step.",
        r"h_t=f(W x_t+U h_{t-1}+b)",
        ["rnn"],
    ),
    Idea(
        "Long short-term memory (LSTM)",
        "A second state c is changed by addition only. Gates between 0 and 1 say what to forget (f), what to write "
        "(i) and what to show (o). Where f is near 1, the memory lasts.",
        r"\begin{align*}c_t&=f_t\odot c_{t-1}+i_t\odot\tilde c_t\\"
        r"h_t&=o_t\odot\tanh(c_t)\end{align*}",
        ["lstm"],
    ),
    Idea(
        "Gated recurrent units (GRU and minGRU)",
        "One gate z mixes the old state and a candidate. In the GRU, a second gate says how much of the old state the "
        "candidate sees. In minGRU, gate and candidate depend on the token only, so that all positions of a text can "
        "be computed at once.",
        r"h_t=z_t\odot h_{t-1}+(1-z_t)\odot\tilde h_t",
        ["gru", "min_gru"],
    ),
)

TRAINING = (
    Idea(
        "Loss and gradient",
        "Training makes the mean negative log-probability of the training text smaller, step by step, along the "
        "gradient. The validation text, which is not trained on, says when to stop. Perplexity is e to the power of "
        "this loss.",
        r"L=-\frac{1}{T}\sum_{t=1}^{T}\ln P(w_t\mid w_1,\dots,w_{t-1})",
    ),
    Idea(
        "Backpropagation through time",
        "The gradient of a late loss with respect to an early state is a product with one factor per step. If the "
        "factors are small, it vanishes; if they are large, it explodes. In practice the text is cut into chunks: the "
        "state is carried over the cut, the gradient is not.",
        r"\frac{\partial L_T}{\partial h_t}=\frac{\partial L_T}{\partial h_T}\prod_{k=t+1}^{T}"
        r"\frac{\partial h_k}{\partial h_{k-1}}",
        ["rnn", "gru", "lstm", "min_gru"],
    ),
    Idea(
        "Clipping",
        "A gradient whose norm is above a threshold c is made shorter, and keeps its direction. A single enormous "
        "step can then no longer destroy what was learned.",
        r"g\leftarrow g\cdot\min\left(1,\frac{c}{\lVert g\rVert}\right)",
    ),
)

ATTENTION = (
    Idea(
        "Self-attention (Transformer)",
        "A Transformer has no state. At each position it looks at all earlier positions of its window, weighs them by "
        "how well they fit, and adds them up. Any two positions are one step apart, however far they lie from each "
        "other.",
        r"\mathrm{softmax}\left(\frac{QK^{\top}}{\text{√}d}\right)V",
        ["transformer"],
    ),
)

MIXTURES = (
    Idea(
        "Interpolation of whole models",
        "Whole models can be mixed too, such as a network and an n-gram model: by the mean of their probabilities, or "
        "by their geometric mean, divided by Z. The weights add up to one and are fitted to the validation text.",
        r"\begin{align*}P(w\mid h)&=\textstyle\sum_k\lambda_k P_k(w\mid h)\\"
        r"P(w\mid h)&=\textstyle\prod_k P_k(w\mid h)^{\lambda_k}/Z(h)\end{align*}",
        ["linear", "log_linear"],
    ),
)

ADAPTATION = (
    Idea(
        "Continuous cache",
        "Texts repeat their rare words. The cache holds the last tokens, each with the network's features h before it. "
        "Where the present features resemble earlier ones, the token that followed then becomes more probable. "
        "Nothing is trained: λ and θ are chosen, and the network stays as it is.",
        r"\begin{align*}P(w)&=(1-\lambda)\,P_{\mathrm{model}}(w)+\lambda\,P_{\mathrm{cache}}(w)\\"
        r"P_{\mathrm{cache}}(w)&\propto\textstyle\sum_{i<t}[w_i=w]\,\exp(\theta\,h_t^{\top}h_i)\end{align*}",
        ["cache"],
    ),
    Idea(
        "Dynamic evaluation",
        "The network goes on learning while it is tested. Each segment of a few tokens is scored first; then one step "
        "along its gradient g changes the weights for the segments after it, and a pull leads back to the trained "
        "weights. The score is fair, because no token is learned before it is scored, but it is not that of a "
        "static model.",
        r"\theta\leftarrow\theta-\eta\,\frac{g}{\mathrm{RMS}+\epsilon}+\lambda\,\mathrm{RMS}\,(\theta_0-\theta)",
        ["dynamic"],
    ),
)

TRANSLATION = (
    Idea(
        "Encoder and decoder",
        "An encoder reads the source sentence. A decoder is a language model of the translation that also sees what "
        "the encoder read. In training it is given the reference up to each token (teacher forcing); when it "
        "translates, it reads its own output.",
        r"P(y\mid x)=\prod_{t=1}^{T}P(y_t\mid y_1,\dots,y_{t-1},x)",
    ),
    Idea(
        "Attention",
        "Without attention, one vector must hold the whole source sentence. With it, the decoder compares its state s "
        "with every source position h before each token, and reads the weighted sum. The weights can be drawn: they "
        "show where the model looked.",
        r"\alpha_{ti}=\mathrm{softmax}_i\,\mathrm{score}(s,h_i),\quad c_t=\sum_i\alpha_{ti}h_i",
        ["attention"],
    ),
    Idea(
        "BLEU and chrF",
        "BLEU compares the sequences of 1 to 4 words of the translations with those of the references: 100 means "
        "equal, 0 means that nothing fits. Translations that are too short are punished by the factor BP. chrF does "
        "the same with sequences of characters.",
        r"\mathrm{BLEU}=100\cdot\mathrm{BP}\cdot\exp\left(\frac14\sum_{n=1}^{4}\ln p_n\right)",
    ),
)

DECODING = (
    Idea(
        "Choosing the next token",
        "Greedy decoding takes the most probable token. Beam search follows K sequences and takes the most probable "
        "one. Sampling draws a token by its probability. A temperature T below 1 makes probable tokens more probable.",
        r"p_i^{(T)}\propto p_i^{1/T}",
    ),
    Idea(
        "Cutting the tail",
        "Improbable tokens are many, so together they are drawn often. Top-k keeps the k most probable tokens; top-p "
        "(nucleus) keeps the smallest set of tokens with probability p together. The rest gets probability zero.",
        r"\min_S|S|\quad\text{with}\quad\sum_{i\in S}p_i\ge p",
    ),
)

TRUST = (
    Idea(
        "Seeds and intervals",
        "A network that is trained again with another seed gives another number. A study trains every model with "
        "several seeds and compares the models seed by seed, and block of text by block of text. The interval "
        "in brackets behind an effect covers the true mean with probability 95%.",
        r"\bar{x}\pm t\cdot\frac{s}{\text{√}n}",
    ),
    Idea(
        "Three verdicts",
        "A claim holds or fails if chance can be excluded; otherwise it is undecided. Who tests many claims finds some "
        "by chance, so Holm's correction makes each of m tests stricter: p is the i-th smallest of m probabilities. "
        "All verdicts together are then free of such errors with probability 95%.",
        r"p_{(i)}\cdot(m-i+1)\le 0.05",
    ),
)
