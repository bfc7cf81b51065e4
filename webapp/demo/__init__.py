"""The example: a believable partnership whose people answer through the real pages."""
