namespace NixStore.PowerShell.Commands;

/// <summary>What is made once for each store, and serves all records of the pipeline that name it: it is then of one moment.</summary>
internal static class OncePerStore
{
    /// <summary>What was made for the store before; made now when this is the first record of it.</summary>
    public static TMade Of<TStore, TMade>(this Dictionary<TStore, TMade> made, TStore store, Func<TStore, TMade> make)
        where TStore : notnull
    {
        if (!made.TryGetValue(store, out var one))
        {
            one = make(store);
            made.Add(store, one);
        }

        return one;
    }
}
