/** A program that reads models of Keras: jHDF uses the second module, and does not name it. */
module org.example {
  requires org.lanewise;
  requires org.apache.commons.lang3;
}
