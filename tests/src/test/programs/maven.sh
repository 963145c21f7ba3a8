# A JVM, which opens hundreds of files.
# needs: mvn
mvn -v
