/** Floor 7: the command line, a jar of its own, which alone needs libraries to run at all. */
package org.lanewise.cli;
