"""A test -> a closed program that a model can simulate: the test as `main()`, and the code that it reaches."""
