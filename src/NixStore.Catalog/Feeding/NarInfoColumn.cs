namespace NixStore.Catalog.Feeding;

/// <summary>The places of the columns of the table <c>narinfos</c> (Sql/Tables/narinfos.sql).</summary>
public static class NarInfoColumn
{
    /// <summary>hash</summary>
    public const int Hash = 0;
    /// <summary>pname</summary>
    public const int Name = 1;
    /// <summary>url</summary>
    public const int Url = 2;
    /// <summary>compression</summary>
    public const int Compression = 3;
    /// <summary>file_hash</summary>
    public const int FileHash = 4;
    /// <summary>file_size</summary>
    public const int FileSize = 5;
    /// <summary>nar_hash</summary>
    public const int NarHash = 6;
    /// <summary>nar_size</summary>
    public const int NarSize = 7;
    /// <summary>references</summary>
    public const int References = 8;
    /// <summary>deriver</summary>
    public const int Deriver = 9;
    /// <summary>system</summary>
    public const int System = 10;
    /// <summary>ca</summary>
    public const int ContentAddress = 11;
    /// <summary>signatures</summary>
    public const int Signatures = 12;
    /// <summary>last_modified_at</summary>
    public const int LastModified = 13;
    /// <summary>e_tag</summary>
    public const int ETag = 14;
}
