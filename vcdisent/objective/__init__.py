"""What training maximises: the terms of the paper's equation 6, and the supervised objective of the speaker network."""
