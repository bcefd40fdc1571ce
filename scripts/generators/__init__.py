"""What is written from the code instead of by hand: schema, references, action.yml's blocks, diagrams."""
