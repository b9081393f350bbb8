namespace NixStore.Engine.Salvage;

/// <summary>What a page is used for, as far as that is known by now.</summary>
internal enum PageUse : byte
{
    /// <summary>Nothing leads to it so far.</summary>
    Unknown,

    /// <summary>A tree led to it, but it could not be read as a page of that tree.</summary>
    Lost,

    /// <summary>A tree leads to it.</summary>
    Tree,

    /// <summary>It has the rest of a row.</summary>
    Overflow,

    /// <summary>It is in the list of free pages.</summary>
    Free,
}

/// <summary>The use of every page. It ends all loops: a tree goes into each page once.</summary>
internal sealed class PageMap(uint count)
{
    private readonly PageUse[] _uses = new PageUse[count + 1L];

    internal PageUse this[uint page]
    {
        get => _uses[page];
        set => _uses[page] = value;
    }

    /// <summary>True when there is such a page.</summary>
    internal bool Contains(uint page) => page > 0 && page < _uses.Length;
}
