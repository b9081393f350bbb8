namespace NixStore.Caches.Bulk;

/// <summary>A file that is not as long as the listing says, although it is no newer. Trying again may help.</summary>
internal sealed class WrongLengthException(long actual, long wanted) : IOException($"{actual} bytes came, and the listing says {wanted}.");
