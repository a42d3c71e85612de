"""How results show themselves: cards, pictures, snippets. Plain data in; nothing here knows a verb."""
