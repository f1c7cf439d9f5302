/**
 * Floor 4: text, sentences, series and sequences read from files as examples, and batches of them.
 * Knows nothing of networks.
 */
package org.lanewise.data;
