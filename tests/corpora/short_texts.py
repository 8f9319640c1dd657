"""Short texts in three scripts."""

TEXTS = {
    "ja": ["猫が寝ている。", "犬は走る。", "「はい」と言った。"],
    "cs": ["Kočka spí.", "Pes běží.", "Řekla: „Ano.“"],
    "en": ["The cat sleeps.", "A dog runs.", 'She said "yes".'],
}
