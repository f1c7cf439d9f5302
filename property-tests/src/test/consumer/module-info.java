/** A program that uses the library as a module. */
module org.example {
  requires org.lanewise;
}
