"""What is asked: questionnaires, question types, texts and the set-up facts they show."""
