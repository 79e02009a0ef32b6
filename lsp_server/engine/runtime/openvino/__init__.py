"""Products and layers computed by OpenVINO on the CPU: whole graphs, int8 weights and inputs."""
