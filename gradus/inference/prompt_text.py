"""Convert the text of a prompt to token ids."""

from gradus.errors import InputError
from gradus.text.punctuation import separate_punctuation, unknown_words
from gradus.text.tokenizers.tokenizer import Tokenizer


def encode_prompt(tokenizer: Tokenizer, prompt: str) -> list[int]:
    """Return the token ids of a prompt, without EOS. Punctuation is separated from unknown words.

    Raises:
        InputError: if the prompt has a line break, or words that are not in the vocabulary. The error names the words.
    """
    line = separate_punctuation(prompt, tokenizer)
    unknown = unknown_words(line, tokenizer)
    if "\n" in prompt or unknown:
        found = "a line break" if "\n" in prompt else "unknown " + " ".join(map(repr, unknown))
        raise InputError(
            "PROMPT", expected="one line of known words", found=found, remedy="use words of the training text"
        )
    return tokenizer.encode(line)
