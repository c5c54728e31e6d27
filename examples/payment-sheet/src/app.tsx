import { CheckoutProvider } from "@billingos/checkout/react";
import { useState } from "react";
import { Sheet } from "./buy/sheet.tsx";
import { Layout } from "./layout.tsx";
import { Account } from "./pages/account.tsx";
import { Plans } from "./pages/plans.tsx";
import { SignIn } from "./pages/sign-in.tsx";
import { useRoute } from "./route.ts";
import { useSignIn } from "./sign-in.ts";
import { newCustomer, openShop, type Project } from "./shop.ts";

export function App({ config, supabase }: Project) {
  const user = useSignIn(supabase);
  if (config.sessionTokenUrl !== undefined) {
    return (
      <Shop config={config} supabase={supabase} leave={newCustomer} leaveLabel="New customer" />
    );
  }
  if (user === undefined) return null;
  if (user === null) return <SignIn supabase={supabase} />;
  return (
    // Another user is another customer: nothing of the one before is kept.
    <Shop
      key={user.id}
      config={config}
      supabase={supabase}
      leave={() => void supabase.auth.signOut()}
      leaveLabel="Sign out"
    />
  );
}

interface ShopProps extends Project {
  readonly leave: () => void;
  readonly leaveLabel: string;
}

function Shop(props: ShopProps) {
  const { config } = props;
  const [client] = useState(() => openShop(props));
  const { page, order } = useRoute();
  return (
    <CheckoutProvider client={client}>
      <Layout page={page} leave={props.leave} leaveLabel={props.leaveLabel}>
        {page === "account" ? <Account /> : <Plans />}
      </Layout>
      {order !== undefined && (
        <Sheet key={`${order.price} ${order.subscription}`} config={config} order={order} />
      )}
    </CheckoutProvider>
  );
}
