"""Changed code that no test reaches -> tests of it, proposed and run on both trees."""
