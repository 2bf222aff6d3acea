// What an application made with Relay asks for. The compiler takes the documents
// out of this file and checks them against the schema the binary prints.
import { graphql } from 'relay-runtime';

graphql`
  query MarketMineQuery($first: Int) {
    viewer {
      kind
    }
    programs(first: $first) {
      totalCount
    }
  }
`;

graphql`
  query MarketProgramsQuery($count: Int!) {
    ...Market_programs @arguments(count: $count)
  }
`;

graphql`
  fragment Market_programs on Query
  @refetchable(queryName: "MarketProgramsPaginationQuery")
  @argumentDefinitions(count: { type: "Int!" }, cursor: { type: "Cursor" }) {
    programs(first: $count, after: $cursor) @connection(key: "Market_programs") {
      __id
      edges {
        node {
          id
          name
        }
      }
    }
  }
`;

graphql`
  query MarketAffiliateQuery($id: ID!, $count: Int!) {
    node(id: $id) {
      __typename
      ...Market_affiliate @alias(as: "affiliate") @arguments(count: $count)
    }
  }
`;

graphql`
  fragment Market_affiliate on Affiliate
  @refetchable(queryName: "MarketAffiliateRefetchQuery")
  @argumentDefinitions(count: { type: "Int!" }, cursor: { type: "Cursor" }) {
    name
    links(first: $count, after: $cursor) @connection(key: "Market_affiliate_links") {
      edges {
        node {
          slug
        }
      }
    }
  }
`;

graphql`
  query MarketTokensQuery {
    viewer {
      kind
    }
    apiTokens(first: 10) {
      edges {
        node {
          kind
        }
      }
    }
  }
`;

graphql`
  query MarketLinksQuery($after: Cursor) {
    links(first: 1, after: $after) {
      totalCount
    }
  }
`;

graphql`
  query MarketFeedQuery($after: String) {
    eventFeed(after: $after) {
      cursor
    }
  }
`;

graphql`
  mutation MarketCreateMutation($name: String!) {
    programCreate(input: { name: $name, currency: "USD", fallbackUrl: "https://shop.example/" }) {
      program {
        id
        name
      }
      userErrors {
        field
        message
        code
      }
    }
  }
`;

graphql`
  mutation MarketAppendMutation($name: String!, $connections: [ID!]!) {
    programCreate(input: { name: $name, currency: "USD", fallbackUrl: "https://shop.example/" }) {
      program @appendNode(connections: $connections, edgeTypeName: "ProgramEdge") {
        name
      }
    }
  }
`;

graphql`
  subscription MarketEventsSubscription($after: String) {
    events(after: $after, types: ["host.created"]) {
      id
      cursor
      subjectId
    }
  }
`;
