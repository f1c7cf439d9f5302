/** Floor 4: text as tokens, and batches of it. Knows nothing of networks. */
package org.lanewise.data;
