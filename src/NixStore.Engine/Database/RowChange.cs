namespace NixStore.Engine.Database;

/// <summary>What is to be mended in one row; null leaves a column as it is.</summary>
public sealed record RowChange
{
    /// <summary>New NAR hash.</summary>
    public NixHash? NarHash { get; init; }

    /// <summary>New NAR size in bytes.</summary>
    public long? NarSize { get; init; }

    /// <summary>New deriver, full path; the empty string clears it.</summary>
    public string? Deriver { get; init; }

    /// <summary>New signatures; an empty list clears them.</summary>
    public IReadOnlyList<StoreSignature>? Signatures { get; init; }

    /// <summary>New content address; <see cref="ClearContentAddress"/> removes it.</summary>
    public ContentAddress? ContentAddress { get; init; }

    /// <summary>Removes the content address.</summary>
    public bool ClearContentAddress { get; init; }

    /// <summary>New registration time.</summary>
    public DateTimeOffset? RegistrationTime { get; init; }

    /// <summary>Removes the mark that the path was built here.</summary>
    public bool ClearUltimate { get; init; }

    /// <summary>References to add, full paths; each must be registered.</summary>
    public IReadOnlyList<string> AddReferences { get; init; } = [];

    /// <summary>The columns that change, by their names in the database.</summary>
    public IReadOnlyList<string> Columns
    {
        get
        {
            var columns = new List<string>();
            Add(NarHash is not null, "hash");
            Add(RegistrationTime is not null, "registrationTime");
            Add(Deriver is not null, "deriver");
            Add(NarSize is not null, "narSize");
            Add(ClearUltimate, "ultimate");
            Add(Signatures is not null, "sigs");
            Add(ContentAddress is not null || ClearContentAddress, "ca");
            Add(AddReferences.Count > 0, "Refs");
            return columns;

            void Add(bool changes, string column)
            {
                if (changes)
                {
                    columns.Add(column);
                }
            }
        }
    }
}
