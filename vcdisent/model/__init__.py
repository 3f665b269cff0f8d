"""The sequential VAE: static and dynamic posteriors, LSTM prior, frame coders; and the supervised speaker network."""
