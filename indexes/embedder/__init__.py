"""Embedding models: texts to unit vectors, through ONNX Runtime where a model can be exported."""
