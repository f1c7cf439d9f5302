/** Floor 7: the command line. The only package that needs libraries. */
package org.lanewise.cli;
